import { globSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseResults } from '../../test/bench/support/figures/results.ts';
import { drawChart } from './chart.ts';
import { chartsOf, renderPage, renderReadme } from './page.ts';

/**
 * `node scripts/performance/write.ts` writes the figures of docs/performance.md and README.md, and the
 * charts, from test/bench/results.jsonl. With `--try FILE` it makes all of that from another file of results,
 * and writes nothing: does the page know each row?
 */
const ROOT = join(import.meta.dirname, '..', '..');
const RESULTS = join(ROOT, 'test/bench/results.jsonl');

/** Files by their path from the root, as they must be; undefined for one that must go. */
export async function performanceFiles(
  file = RESULTS,
): Promise<Readonly<Record<string, string | undefined>>> {
  const read = (path: string) => readFile(join(ROOT, path), 'utf8');
  const results = parseResults(await readFile(file, 'utf8'));
  const charts = chartsOf(results).map(({ path, title, comparisons }) => [
    path,
    drawChart(title, comparisons),
  ]);
  const present = globSync('docs/images/performance-*.svg', { cwd: ROOT }).map((path) => [path, undefined]);
  return {
    ...Object.fromEntries(present),
    ...Object.fromEntries(charts),
    'docs/performance.md': renderPage(await read('docs/performance.md'), results),
    'README.md': renderReadme(await read('README.md'), results),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { try: { type: 'string' } } });
  if (values.try !== undefined) {
    await performanceFiles(values.try);
    return;
  }
  for (const [path, text] of Object.entries(await performanceFiles())) {
    if (text === undefined) await rm(join(ROOT, path));
    else await writeFile(join(ROOT, path), text);
    process.stdout.write(`${path} ${text === undefined ? 'removed' : 'written'}\n`);
  }
}

if (import.meta.main) await main();
