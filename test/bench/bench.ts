import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { kubeApiserverProblem, ownClusterKubeconfig } from '../kube-apiserver/availability.ts';
import { buildServers } from '../kube-apiserver/build.ts';
import { networkNamespace, raiseLoopback } from '../support/processes/network-namespace.ts';
import { installPeer, peerProblem } from '../support/tools/peer-install.ts';
import { runFacts } from './support/figures/run-facts.ts';
import { buildUpstreamLifted } from './support/upstream-lifted.ts';

/**
 * `pnpm bench [--short] [--results FILE] [name ...]`: runs the benchmarks one after another, each a process
 * of its own, inside a network namespace where that can be had. Every figure is a ratio of two things
 * measured in that one run; absolute numbers depend on the machine. Missing an aim is reported and is not a
 * failure: only a run that came out wrong (objects lost, wrong data) is one. A file of results gets one JSON
 * line about the run, then one for each row.
 */
interface Benchmark {
  readonly name: string;
  readonly script: string;
  /** Arguments of the short form that CI runs. */
  readonly short: readonly string[];
  /** Whether it runs controllers on a real kube-apiserver beside upstream's. */
  readonly needsServer: boolean;
}

// biome-ignore format: one row per benchmark
const BENCHMARKS: readonly Benchmark[] = [
  { name: 'unseal', script: 'values/unseal.ts', short: ['0.1'], needsServer: false },
  { name: 'open-v2', script: 'values/open-v2.ts', short: ['0.1'], needsServer: false },
  { name: 'kubeseal', script: 'kubeseal.ts', short: ['--short'], needsServer: false },
  { name: 're-encrypt', script: 're-encrypt.ts', short: ['--short'], needsServer: false },
  { name: 'lint', script: 'lint.ts', short: ['--short'], needsServer: false },
  { name: 'reconcile', script: 'reconcile.ts', short: ['--short'], needsServer: true },
  { name: 'create-v2', script: 'create-v2.ts', short: ['--short'], needsServer: true },
  { name: 'keys', script: 'keys.ts', short: ['--short'], needsServer: true },
  { name: 'wrapped-keys', script: 'wrapped-keys.ts', short: ['--short'], needsServer: true },
  { name: 'restart', script: 'restart.ts', short: ['--short'], needsServer: false },
  { name: 'throughput', script: 'throughput.ts', short: ['--short'], needsServer: true },
  { name: 'scale', script: 'scale.ts', short: ['--short'], needsServer: true },
];
const ROOT = join(import.meta.dirname, '..', '..');

const { values, positionals } = parseArgs({
  options: { short: { type: 'boolean' }, inside: { type: 'boolean' }, results: { type: 'string' } },
  allowPositionals: true,
});
const chosen = BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
if (values.inside) runAll();
else await runInNamespace();

async function runInNamespace(): Promise<void> {
  const problem =
    ownClusterKubeconfig() === undefined
      ? (kubeApiserverProblem() ?? peerProblem())
      : 'it needs a server of its own';
  const possible = chosen.filter(({ needsServer }) => !needsServer || problem === undefined);
  for (const { name } of chosen.filter((each) => !possible.includes(each)))
    console.error(`SKIPPED ${name}: ${problem}`);
  if (possible.length < chosen.length && process.env['CI'] === 'true') process.exitCode = 1;
  if (possible.length === 0) return;
  if (values.results !== undefined) {
    process.env['FUIN_BENCH_RESULTS'] = resolve(values.results);
    const leftOut = BENCHMARKS.filter((each) => !possible.includes(each)).map(({ name }) => name);
    const run = runFacts({ isShort: values.short === true, leftOut });
    await writeFile(values.results, `${JSON.stringify({ run })}\n`);
  }
  run([process.execPath, join(ROOT, 'scripts/bundle/bundle.ts')], 'ignore');
  if (possible.some(({ needsServer }) => needsServer)) {
    if (process.env['KUBEBUILDER_ASSETS'] === undefined) await buildServers();
    await installPeer();
    await buildUpstreamLifted();
  }
  const flags = ['--inside', ...(values.short ? ['--short'] : []), ...possible.map(({ name }) => name)];
  run([...networkNamespace(console.error), process.execPath, import.meta.filename, ...flags]);
}

function runAll(): void {
  raiseLoopback();
  if (values.short)
    console.log('short form: shows that all works; the sizes are too small for the aims to mean much');
  for (const { name, script, short } of chosen) {
    console.log(`\n--- ${name} (load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores)`);
    run([process.execPath, join(import.meta.dirname, script), ...(values.short ? short : [])]);
  }
}

function run([command = '', ...args]: readonly string[], stdout: 'inherit' | 'ignore' = 'inherit'): void {
  const { status } = spawnSync(command, args, { stdio: ['inherit', stdout, 'inherit'], cwd: ROOT });
  if (status !== 0) process.exitCode = 1;
}
