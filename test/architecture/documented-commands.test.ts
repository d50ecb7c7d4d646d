import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTEXTS, PLAYED_ELSEWHERE, PREPARATIONS } from '../docs/preparations.ts';
import { documentedBlocks, documentedPages, titleOf } from '../support/pages/page.ts';

const root = join(import.meta.dirname, '../..');
/** Blocks that no test runs, each with its reason on the page. More need a better reason than haste. */
const MOST_NOT_RUN = 6;
/** Commands that stand in running text alone, and the test that runs them or what they do. */
const IN_PROSE: Readonly<Record<string, string>> = {
  'FUIN_RECORD=1 npx -y pnpm@12 e2e --project interop test/docs -t docs/terminal.md':
    'test/docs/pages.test.ts',
  'kubectl create secret --dry-run=client': 'test/docs/pages.test.ts',
  'helm rollback sealed-secrets': 'test/chart/migration.test.ts',
  'kubeseal --controller-namespace flux-system': 'packages/kubeseal-cli/src/controller/cluster.test.ts',
  'kubeseal krm-function': 'test/guides/kustomize.test.ts',
  'kubeseal --help': 'packages/kubeseal-cli/src/transcripts.test.ts',
  'node deploy/plain/render.ts': 'test/chart/plain.test.ts',
  'npx -y pnpm@12 exec node packages/go-template/build.ts': 'test/interop/template-engine.test.ts',
  'npx -y pnpm@12 build crypto-core': '.ci/run',
  'npx -y pnpm@12 exec node deploy/plain/render.ts': 'test/chart/plain.test.ts',
  'npx -y pnpm@12 exec node scripts/recordings/record.ts': 'scripts/recordings/recordings.test.ts',
  'npx -y pnpm@12 exec node scripts/site/site.ts': 'scripts/site/site.test.ts',
  'npx -y pnpm@12 exec node test/browser/pictures/take.ts': 'test/browser/pictures/pictures.test.ts',
  'npx -y pnpm@12 bench --results test/bench/results.jsonl': 'scripts/performance/performance.test.ts',
  'npx -y pnpm@12 exec node scripts/reference/generate.ts': 'scripts/reference/generate.test.ts',
  'npx -y pnpm@12 exec node scripts/release/release.ts': 'test/image/release.test.ts',
  'npx -y pnpm@12 exec node scripts/release/release.ts --dry-run': 'scripts/release/publishing.test.ts',
};
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const blocks = documentedBlocks();
const where = (block: (typeof blocks)[number]) => `${block.page} ${titleOf(block)}`;

/** The commands of a script, without comments and what is only set or said. */
function commandsOf(script: string): string[] {
  const lines = script.split('\n').map((line) => line.replace(/(^|\s+)#.*/, '').trim());
  return lines.filter((line) => line !== '');
}

/** Commands in running text, without forms such as `kubeseal --cert CERT` or `node scripts/...`. */
function commandsInProse(): string[] {
  const spans = documentedPages().flatMap((page) => [
    ...read(page)
      .replace(/^( *)```[\s\S]*?^\1```$/gm, '')
      .matchAll(/`((?:[A-Z_]+=\S+ )?(?:kubectl|helm|kubeseal|npx|node|openssl|docker) [^`\n]+)`/g),
  ]);
  const commands = spans.map(([, command = '']) => command);
  return [...new Set(commands)].filter((command) => !/[A-Z]{4,}(?![^=\s]*=)|\.\.\.|\|[a-z]+\|/.test(command));
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
  it('in running text are part of a block, or of what another test runs', () => {
    const run = [...blocks.map(({ script }) => script), read('.ci/run')].join('\n');
    const elsewhere = Object.keys(IN_PROSE);
    const unknown = commandsInProse().filter((command) => !run.includes(command));
    expect(unknown.filter((command) => !elsewhere.includes(command))).toEqual([]);
    expect(elsewhere.filter((command) => !unknown.includes(command))).toEqual([]);
    expect(Object.values(IN_PROSE).filter((test) => !existsSync(join(root, test)))).toEqual([]);
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
