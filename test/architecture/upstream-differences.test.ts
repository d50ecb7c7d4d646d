import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ABSENT_FILES, DIFFERENCES, NEWER } from '../e2e/upstream-differences.ts';

const root = join(import.meta.dirname, '../..');
const files = globSync('test/e2e/*.test.ts', { cwd: root });
const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8');
const sources = files.map(sourceOf).join('\n');

/** How often a title stands in the end-to-end suites as a whole string. */
function timesOf(title: string): number {
  return ["'", '"', '`'].reduce((sum, quote) => sum + sources.split(quote + title + quote).length - 1, 0);
}

describe("the differences from upstream's controller", () => {
  it('are keyed by titles of test/e2e, each of which stands there once', () => {
    expect(Object.keys(DIFFERENCES).filter((title) => timesOf(title) !== 1)).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(Object.keys(ABSENT_FILES)));
  });
  it('name a subject of docs/compatibility.md or a heading of docs/controller.md, or say that newer versions are alike', () => {
    const [subjects, manual] = [sourceOf('docs/compatibility.md'), sourceOf('docs/controller.md')];
    const isThere = (subject: string) =>
      subject === NEWER || subjects.includes(`\n| ${subject} |`) || manual.includes(`\n## ${subject}\n`);
    expect(Object.values(DIFFERENCES).filter(({ see }) => !isThere(see))).toEqual([]);
  });
  it('apply to every test that runs with both, since it takes its `it` from ./it.ts', () => {
    const strangers = files.filter((file) => !/import \{ it \} from '\.\/it\.ts'/.test(sourceOf(file)));
    expect(strangers.filter((file) => ABSENT_FILES[file] === undefined)).toEqual([]);
  });
});
