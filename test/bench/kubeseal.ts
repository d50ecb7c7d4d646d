// Over 200 lines: one benchmark, with the processes that it starts, stands in one place.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildExecutable } from '../../scripts/executable/executable.ts';
import { installPeer, peerProblem } from '../support/tools/peer-install.ts';
import { readVector } from '../vectors/read.ts';
import { cpuOf } from './support/figures/process-figures.ts';
import { formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';

/**
 * `node test/bench/kubeseal.ts [--short]`: whole processes, from spawn to exit. One file sealed offline,
 * against the bare start of Node and against upstream's kubeseal; a file of many manifests in one call,
 * against upstream's run once for each (it seals the first of a file only); a value set in a file, and other
 * commands on one file; a file changed in place, against the same work to stdout (CPU time).
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short
  ? { runs: 7, manifests: 50, rewrites: 1 }
  : { runs: 20, manifests: 1000, rewrites: 5 };
const AIM = 2.4;
const EXECUTABLE_AIM = 2;
const UPSTREAM_CPU_AIM = 2;
const SET_AIM = 2.2;
const MANY_AIM = 10;
const IN_PLACE_AIM = 1.3;
const IN_PLACE_DOCUMENTS = 400;
const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/dist/kubeseal.js');

const directory = await mkdtemp(join(tmpdir(), 'fuin-kubeseal-'));
const EXECUTABLE = join(directory, 'kubeseal');
try {
  printTable([...(await startRows()), ...commandRows(), ...(await manyRows()), ...(await inPlaceRows())]);
} finally {
  await rm(directory, { recursive: true, force: true });
}

async function startRows(): Promise<Row[]> {
  const files = await writeFiles(1);
  const executable = (await buildExecutable('kubeseal', { output: EXECUTABLE })).file;
  const upstream =
    peerProblem() === undefined ? [(await installPeer()).kubeseal, ...sealArgs(files)] : undefined;
  const measure = () => ({
    bare: costOf([process.execPath, '-e', '0']),
    bundle: costOf([process.execPath, KUBESEAL, ...sealArgs(files)], isSealed),
    executable: costOf([executable, ...sealArgs(files)], isSealed),
    upstream: upstream && costOf(upstream, isSealed),
  });
  const runs = Array.from({ length: SIZES.runs + 1 }, measure).slice(1); // the first fills caches
  const toBare = (which: 'bundle' | 'executable', work: string, atMost: number): Row => ({
    work,
    ours: formatMs(median(runs.map((run) => run[which].ms))),
    against: `node -e 0 ${formatMs(median(runs.map(({ bare }) => bare.ms)))}`,
    ratio: median(runs.map((run) => run[which].ms / run.bare.ms)),
    aim: { atMost },
  });
  const compared = runs.flatMap((run) => (run.upstream ? [{ ours: run.executable, ...run.upstream }] : []));
  return [
    toBare('bundle', 'kubeseal, one file offline', AIM),
    toBare('executable', 'kubeseal, one file offline, as executable', EXECUTABLE_AIM),
    ...(upstream ? rowsBesideUpstream(compared) : []),
  ];
}

/** The executable that seals one file, as time and as CPU time. */
function rowsBesideUpstream(runs: readonly (Cost & { readonly ours: Cost })[]): Row[] {
  const [oursMs, upstreamMs] = [median(runs.map(({ ours }) => ours.ms)), median(runs.map(({ ms }) => ms))];
  const oursCpuMs = meanOf(runs.map(({ ours }) => ours.cpuMs));
  const upstreamCpuMs = meanOf(runs.map(({ cpuMs }) => cpuMs));
  return [
    {
      work: '',
      ours: formatMs(oursMs),
      against: `upstream ${formatMs(upstreamMs)}`,
      ratio: median(runs.map(({ ours, ms }) => ours.ms / ms)),
      upstream: 'ours/upstream',
    },
    {
      work: '  in CPU time of all its threads',
      ours: `${formatMs(oursCpuMs)} CPU`,
      against: `upstream ${formatMs(upstreamCpuMs)} CPU`,
      ratio: oursCpuMs / upstreamCpuMs,
      upstream: 'ours/upstream',
      aim: { atMost: UPSTREAM_CPU_AIM },
    },
  ];
}

/** Commands on one file, by the executable that startRows has built: time, and CPU time. */
function commandRows(): Row[] {
  const { certificate } = filesOf(1);
  const file = join(directory, 'set.yaml');
  timeOf([EXECUTABLE, ...sealArgs(filesOf(1)), '--format=yaml', '--sealed-secret-file', file]);
  const sealing = ['--cert', certificate];
  const commands: readonly (readonly [work: string, argv: readonly string[], aim?: number])[] = [
    ['set in one file', ['set', file, 'password=another', ...sealing], SET_AIM],
    ['create of one file', ['create', 'bench/secret', 'password=value', ...sealing]],
    ['check of one file', ['check', file]],
    ['--version', ['--version']],
  ];
  const measure = () => ({
    bare: costOf([process.execPath, '-e', '0']),
    costs: commands.map(([, argv]) => costOf([EXECUTABLE, ...argv])),
  });
  const runs = Array.from({ length: SIZES.runs + 1 }, measure).slice(1); // the first fills caches
  return commands.flatMap(([work, , aim], at) =>
    (['ms', 'cpuMs'] as const).map((figure) => {
      const ours = meanOf(runs.map(({ costs }) => costs[at]?.[figure] ?? 0));
      const bare = meanOf(runs.map((run) => run.bare[figure]));
      const unit = figure === 'ms' ? '' : ' CPU';
      return {
        work: figure === 'ms' ? `kubeseal ${work}, as executable` : '  in CPU time of all its threads',
        ours: formatMs(ours) + unit,
        against: `node -e 0 ${formatMs(bare)}${unit}`,
        ratio: ours / bare,
        ...(aim === undefined || figure !== 'ms' ? {} : { aim: { atMost: aim } }),
      };
    }),
  );
}

/** What one process takes: time, and CPU time of all its threads. */
interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

function costOf(command: readonly string[], isRight?: (output: string) => boolean): Cost {
  let ms = 0;
  const cpuMs = cpuOf(() => {
    ms = timeOf(command, isRight);
  });
  return { ms, cpuMs };
}

/** CPU time is counted in ticks, of which a median would show only the nearest. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

async function manyRows(): Promise<Row[]> {
  const { manifests } = SIZES;
  const files = await writeFiles(manifests);
  const isComplete = (output: string) => output.split('kind: SealedSecret').length - 1 === manifests;
  const oursMs = timeOf([process.execPath, KUBESEAL, ...sealArgs(files), '--format=yaml'], isComplete);
  if (peerProblem() !== undefined) return [];
  const { kubeseal } = await installPeer();
  const one = await writeFiles(1);
  let upstreamMs = 0;
  for (let run = 0; run < manifests; run++) upstreamMs += timeOf([kubeseal, ...sealArgs(one)], isSealed);
  return [
    {
      work: `${manifests} manifests in one call`,
      ours: formatMs(oursMs),
      against: `upstream, a call for each ${formatMs(upstreamMs)}`,
      ratio: upstreamMs / oursMs,
      upstream: 'upstream/ours',
      aim: { atLeast: MANY_AIM },
    },
  ];
}

async function inPlaceRows(): Promise<Row[]> {
  const files = await writeFiles(IN_PLACE_DOCUMENTS);
  const [sealed, key] = [join(directory, 'sealed.yaml'), join(directory, 'key.pem')];
  await writeFile(key, readVector('kubeseal/a.pkcs1.key'));
  const seal = [process.execPath, KUBESEAL, ...sealArgs(files), '--format=yaml'];
  timeOf([...seal, '--sealed-secret-file', sealed]);
  const reEncrypt = [process.execPath, KUBESEAL, '--re-encrypt', '--recovery-private-key', key];
  const opening = [...reEncrypt, '--cert', files.certificate, '-f', sealed];
  const works = [
    {
      work: `${IN_PLACE_DOCUMENTS} documents in place / to stdout`,
      inPlace: opening,
      toStdout: [...opening, '-w', '-'],
      aim: { atMost: IN_PLACE_AIM },
    },
    {
      work: 'as many Secrets merged into a file / sealed to stdout', // the second reads one file less
      inPlace: [...seal, '--merge-into', sealed],
      toStdout: seal,
    },
  ];
  return works.map(({ inPlace, toStdout, ...row }) => {
    const runs = Array.from({ length: SIZES.rewrites }, () => ({
      stdoutMs: cpuOf(() => timeOf(toStdout, isSealed)),
      inPlaceMs: cpuOf(() => timeOf(inPlace)),
    }));
    return {
      ...row,
      ours: `${formatMs(median(runs.map(({ inPlaceMs }) => inPlaceMs)))} CPU`,
      against: `to stdout ${formatMs(median(runs.map(({ stdoutMs }) => stdoutMs)))} CPU`,
      ratio: median(runs.map(({ inPlaceMs, stdoutMs }) => inPlaceMs / stdoutMs)),
    };
  });
}

interface Files {
  readonly manifests: string;
  readonly certificate: string;
}

async function writeFiles(count: number): Promise<Files> {
  const files = filesOf(count);
  const documents = Array.from(
    { length: count },
    (_, index) =>
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: secret-${index}\n  namespace: bench\nstringData:\n  password: value-${index}\n`,
  );
  await writeFile(files.manifests, documents.join('---\n'));
  await writeFile(files.certificate, readVector('kubeseal/a.crt'));
  return files;
}

function filesOf(count: number): Files {
  return { manifests: join(directory, `${count}.yaml`), certificate: join(directory, 'cert.pem') };
}

function sealArgs({ manifests, certificate }: Files): readonly string[] {
  return ['--cert', certificate, '--secret-file', manifests];
}

function isSealed(output: string): boolean {
  return output.includes('encryptedData');
}

/** @throws unless the process ends well with the output expected */
function timeOf(
  [command = '', ...args]: readonly string[],
  isRight: (output: string) => boolean = () => true,
): number {
  const startMs = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env['PATH'], HOME: directory },
  });
  const ms = performance.now() - startMs;
  if (status !== 0 || !isRight(stdout))
    throw new Error(`WRONG: ${command} ${args.join(' ')}: ${status} ${stderr}`);
  return ms;
}
