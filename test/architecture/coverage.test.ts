import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/coverage.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| (?!Fact )/.test(line));
const named = rows.flatMap((row) =>
  [...row.matchAll(/`([^`]+?) › ([^`]+)`/g)].map(([, file = '', title = '']) => ({ file, title })),
);

/** A title stands in its file as a whole string. */
function isThere({ file, title }: (typeof named)[number]): boolean {
  if (!existsSync(join(root, file))) return false;
  const source = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(quote + title + quote));
}

describe('docs/coverage.md', () => {
  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
  });
  it('has in each row a test, or says that there is none yet', () => {
    expect(rows.filter((row) => !row.includes(' › ') && !row.includes('| none yet |'))).toEqual([]);
  });
});
