import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentedBlocks, titleOf } from '../docs/page.ts';
import { CONTEXTS, PLAYED_ELSEWHERE, PREPARATIONS } from '../docs/preparations.ts';

const root = join(import.meta.dirname, '../..');
/** Blocks that no test runs, each with its reason on the page. More need a better reason than haste. */
const MOST_NOT_RUN = 5;
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const blocks = documentedBlocks();
const where = (block: (typeof blocks)[number]) => `${block.page} ${titleOf(block)}`;

/** The commands of a script, without comments and what is only set or said. */
function commandsOf(script: string): string[] {
  const lines = script.split('\n').map((line) => line.replace(/(^|\s+)#.*/, '').trim());
  return lines.filter((line) => line !== '');
}

/** Whether a test says that it knows a page: it, or a file beside it, names it. */
function knows(test: string, page: string): boolean {
  const [name = ''] = page.split('/').slice(-1);
  const words = name === 'README.md' ? [name] : [name, page];
  const files = globSync('*.ts', { cwd: join(root, dirname(test)) });
  const texts = files.map((file) => read(join(dirname(test), file)));
  return texts.some((text) => words.some((word) => text.includes(word)));
}

describe('the commands of the documentation', () => {
  it('stand in blocks marked sh, which test/docs runs', () => {
    expect(blocks.length).toBeGreaterThan(40);
    expect(blocks.filter(({ shell }) => shell !== 'sh').map(where)).toEqual([]);
  });
  it('are run, but for a few that say why not', () => {
    const notRun = blocks.filter((block) => block.notRun !== undefined);
    console.info(notRun.map((block) => `not run: ${where(block)} (${block.notRun})`).join('\n'));
    expect(notRun.length).toBeLessThanOrEqual(MOST_NOT_RUN);
  });
  it('that CI runs are in .ci/run', () => {
    const script = read('.ci/run');
    const claimed = blocks.filter(({ runBy }) => runBy === '.ci/run');
    const commands = claimed.flatMap((block) => commandsOf(block.script));
    expect(commands).not.toEqual([]);
    expect(commands.filter((command) => !script.includes(command))).toEqual([]);
  });
  it('that another test runs are known to it', () => {
    const marked = blocks.flatMap(({ page, runBy }) =>
      runBy === undefined || runBy === '.ci/run' ? [] : [{ page, test: runBy }],
    );
    const listed = Object.entries(PLAYED_ELSEWHERE).map(([page, test]) => ({ page, test }));
    const claims = [...marked, ...listed];
    expect(claims.filter(({ test }) => !existsSync(join(root, test)))).toEqual([]);
    expect(claims.filter(({ page, test }) => !knows(test, page))).toEqual([]);
  });
  it('have no preparations for pages that are gone', () => {
    const pages = [PLAYED_ELSEWHERE, PREPARATIONS, CONTEXTS].flatMap((table) => Object.keys(table));
    const known = new Set(blocks.map(({ page }) => page));
    expect(pages.filter((page) => !known.has(page))).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('names files and directories that exist', () => {
    const named = [...read('docs/architecture.md').matchAll(/\b(?:packages|deploy|test)\/[\w./-]*\w/g)].map(
      ([path]) => path,
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
