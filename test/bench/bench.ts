import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * `pnpm bench [--short] [name ...]`: runs the benchmarks one after another, each a process of its own. Every figure is a ratio of two
 * things measured in that one run; absolute numbers depend on the machine.
 */
interface Benchmark {
  readonly name: string;
  readonly script: string;
  /** Arguments of the short form that CI runs. */
  readonly short: readonly string[];
}

const BENCHMARKS: readonly Benchmark[] = [{ name: 'unseal', script: 'unseal.ts', short: ['0.5'] }];

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean' } },
  allowPositionals: true,
});
const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
for (const { name, script, short } of chosen) {
  console.log(`\n--- ${name}`);
  const args = [join(import.meta.dirname, script), ...(values.short ? short : [])];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
