// Over 200 lines: one benchmark, with the processes that it starts, stands in one place.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  decodeBase64,
  encryptionLabel,
  exportPrivateKey,
  importKeyPair,
  KeyRing,
  openValue,
} from '@fuin/crypto-core';
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import { startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { storeKey } from '../support/cluster/key-secret.ts';
import type { ClusterKeys } from '../support/repository/cluster-keys.ts';
import { makeRepository, type Repository, writeRepository } from '../support/repository/repository.ts';
import { installPeer, peerProblem } from '../support/tools/peer-install.ts';
import { World } from '../support/world.ts';
import { cpuOf } from './support/figures/process-figures.ts';
import { formatMiB, formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';

/**
 * `node test/bench/re-encrypt.ts [--short]`: a tree of files with one SealedSecret of two values each, all
 * sealed with the older of two RSA-4096 keys. Against the RSA time that nobody can avoid: the same values
 * opened and sealed in a bare loop on all cores, in the same round. Beside it upstream's kubeseal, called
 * twice for each file (open, seal): how much faster files are done, and how much less CPU time they take, of
 * which RSA alone sets the bound. And the memory for four times as many files. How much of that is garbage
 * depends on when V8 collects it; so the row with an aim is of processes that collect it all the time.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short
  ? { files: 60, rounds: 1, upstream: 5, memory: [50, 200] as const }
  : { files: 1_000, rounds: 3, upstream: 30, memory: [500, 2_000] as const };
const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/dist/kubeseal.js');
const OFFLINE_AIM = 1.3;
const CLUSTER_AIM = 1.5;
const UPSTREAM_AIM = 10;
const MEMORY_AIM = 1.15;
const OPENED_AT_ONCE = 32;
const DAY_MS = 86_400_000;

/** Flags of Node for a process that keeps little garbage. */
const COLLECTING = [
  '--expose-gc',
  `--import=data:text/javascript,${encodeURIComponent('setInterval(globalThis.gc,250).unref()')}`,
];

/** What some work took. */
interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
}

const directory = await mkdtemp(join(tmpdir(), 'fuin-re-encrypt-'));
const repository = await repositoryOf(SIZES.files);
const keys = repository.keys.get('dev') as ClusterKeys;
const OFFLINE = ['--recovery-private-key', 'keys/dev.pem', '--cert', 'clusters/dev/cert.pem'];
try {
  printTable([...(await speedRows()), ...(await memoryRows())]);
} finally {
  await rm(directory, { recursive: true, force: true });
}

function repositoryOf(count: number): Promise<Repository> {
  return makeRepository({
    count,
    clusters: ['dev'],
    staleShare: 1,
    items: 2,
    isUniform: true,
    keyBits: 4096,
  });
}

/** What was measured one after the other, so that all of it had the same machine. */
interface Round {
  readonly floor: Cost;
  readonly offline: Cost;
  readonly clusterMs: number;
  /** A file; undefined where there is no upstream. */
  readonly upstream: Cost | undefined;
}

async function speedRows(): Promise<Row[]> {
  const cluster = await startController();
  const upstream = await upstreamLoop();
  const rounds: Round[] = [];
  try {
    for (let round = 0; round < SIZES.rounds; round++)
      rounds.push({
        floor: await floor(),
        offline: await costOf(OFFLINE),
        clusterMs: (await costOf(cluster.flags)).ms,
        upstream: await upstream?.(round),
      });
  } finally {
    await cluster.stop();
  }
  return [...rowsAgainstRsa(rounds), ...rowsAgainstUpstream(rounds)];
}

function rowsAgainstRsa(rounds: readonly Round[]): Row[] {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const against = `RSA alone on ${availableParallelism()} cores ${formatMs(of(({ floor }) => floor.ms))}`;
  return [
    {
      work: `re-encrypt ${SIZES.files} files of 2 values, with keys`,
      ours: formatMs(of(({ offline }) => offline.ms)),
      against,
      ratio: of(({ offline, floor }) => offline.ms / floor.ms),
      aim: { atMost: OFFLINE_AIM },
    },
    {
      work: '  in CPU time of the process',
      ours: formatMs(of(({ offline }) => offline.cpuMs)),
      against: `RSA alone ${formatMs(of(({ floor }) => floor.cpuMs))}`,
      ratio: of(({ offline, floor }) => offline.cpuMs / floor.cpuMs),
      aim: { atMost: OFFLINE_AIM },
    },
    {
      work: `re-encrypt ${SIZES.files} files of 2 values, by the cluster`,
      ours: formatMs(of(({ clusterMs }) => clusterMs)),
      against,
      ratio: of(({ clusterMs, floor }) => clusterMs / floor.ms),
      aim: { atMost: CLUSTER_AIM },
    },
  ];
}

/** The last row is the bound of the one before: nothing re-encrypts with less than RSA alone. */
function rowsAgainstUpstream(rounds: readonly Round[]): Row[] {
  const compared = rounds.flatMap(({ upstream, ...ours }) => (upstream ? [{ upstream, ...ours }] : []));
  if (compared.length === 0) return [];
  const rowOf = (work: string, which: 'offline' | 'floor', figure: keyof Cost): Row => {
    const of = (pick: (round: (typeof compared)[number]) => number) => median(compared.map(pick));
    return {
      work,
      ours: formatMs(of((round) => round[which][figure]) / SIZES.files),
      against: `upstream's kubeseal twice ${formatMs(of(({ upstream }) => upstream[figure]))}`,
      ratio: of((round) => (round.upstream[figure] / round[which][figure]) * SIZES.files),
    };
  };
  return [
    {
      ...rowOf('re-encrypt one file of 2 values, with keys', 'offline', 'ms'),
      upstream: 'upstream/ours',
      aim: { atLeast: UPSTREAM_AIM },
    },
    { ...rowOf('  in CPU time', 'offline', 'cpuMs'), upstream: 'upstream/ours' },
    rowOf('  RSA alone, in CPU time', 'floor', 'cpuMs'),
  ];
}

/** The same private-key operations and seals, and nothing else. */
async function floor(): Promise<Cost> {
  const copies = availableParallelism();
  const older = await importKeyPair(exportPrivateKey(keys.older), { copies });
  const ring = KeyRing.of(older);
  const sealed = repository.objects.flatMap(({ file, namespace, name, scope }) => {
    const label = encryptionLabel(scope, namespace, name);
    const texts = repository.files[file]?.match(/(?<=: )Ag[\w+/=]{200,}/g) ?? [];
    return texts.map((text) => ({ bytes: decodeBase64(text), label }));
  });
  const [startMs, used] = [performance.now(), process.cpuUsage()];
  await mapConcurrently(sealed, OPENED_AT_ONCE, async ({ bytes, label }) => {
    await keys.newest.seal(await openValue(bytes, ring, label), label);
  });
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - startMs, cpuMs: (user + system) / 1000 };
}

/** A whole process over a fresh copy of the files. @throws if it left something as it was */
async function costOf(flags: readonly string[]): Promise<Cost> {
  await writeRepository(repository, directory);
  const startMs = performance.now();
  const { cpuMs } = await runKubeseal(['re-encrypt', '--quiet', ...flags, 'clusters/dev']);
  const ms = performance.now() - startMs;
  for (const { file } of repository.objects)
    if (readFileSync(join(directory, file), 'utf8') === repository.files[file])
      throw new Error(`WRONG: ${file} is as it was`);
  return { ms, cpuMs };
}

interface Use {
  readonly cpuMs: number;
  /** Peak of resident memory. */
  readonly peakKiB: number;
}

/** A process that says at its end what it used. Not spawnSync: the API server is in this process. */
async function runKubeseal(args: readonly string[], nodeFlags: readonly string[] = []): Promise<Use> {
  const figures = join(directory, 'figures.json');
  const use = 'JSON.stringify({...process.resourceUsage(),...process.cpuUsage()})';
  const atExit = `import{writeFileSync}from'node:fs';process.on('exit',()=>writeFileSync(${JSON.stringify(figures)},${use}))`;
  const preload = `--import=data:text/javascript,${encodeURIComponent(atExit)}`;
  const child = spawn(process.execPath, [...nodeFlags, preload, KUBESEAL, ...args], {
    cwd: directory,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: directory },
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`WRONG: kubeseal ${args.join(' ')} ended with ${code}`);
  const { user, system, maxRSS } = JSON.parse(readFileSync(figures, 'utf8')) as Record<string, number>;
  return { cpuMs: ((user ?? 0) + (system ?? 0)) / 1000, peakKiB: maxRSS ?? 0 };
}

async function startController() {
  const cluster = await startEmbeddedCluster();
  const world = await World.on(cluster, { key: false, isExposed: true });
  for (const [name, pair, ageDays] of [
    ['newest', keys.newest, 1],
    ['older', keys.older, 30],
  ] as const) {
    const certificatePem = await certificateFor(pair, ageDays);
    const data = { 'tls.key': btoa(exportPrivateKey(pair)), 'tls.crt': btoa(certificatePem) };
    const secret = { type: 'kubernetes.io/tls', data };
    await storeKey(world.client, world.home, { name, key: { certificatePem, secret } });
  }
  await world.start();
  return {
    flags: [`--kubeconfig=${cluster.adminKubeconfig}`, `--controller-namespace=${world.home}`],
    stop: () => world.close(),
  };
}

async function certificateFor(pair: ClusterKeys['newest'], ageDays: number): Promise<string> {
  const { createCertificate } = await import('@fuin/crypto-core/x509');
  const notBefore = new Date(Date.now() - ageDays * DAY_MS);
  const notAfter = new Date(Date.now() + 3650 * DAY_MS);
  return createCertificate(pair, { commonName: '', notBefore, notAfter });
}

/** What a loop around upstream's kubeseal takes for a file, in each round for others. */
async function upstreamLoop(): Promise<((round: number) => Promise<Cost>) | undefined> {
  if (peerProblem() !== undefined) return undefined;
  const { kubeseal } = await installPeer();
  const older = join(directory, 'older.pem');
  await writeFile(older, exportPrivateKey(keys.older), { mode: 0o600 });
  const call = (args: readonly string[], input: string | Buffer) => {
    const { status, stdout, stderr } = spawnSync(kubeseal, args, { input, cwd: directory });
    if (status !== 0) throw new Error(`WRONG: upstream ended with ${status}: ${stderr}`);
    return stdout;
  };
  return async (round) => {
    const startMs = performance.now();
    const cpuMs = cpuOf(() => {
      for (const { file } of repository.objects.slice(round * SIZES.upstream, (round + 1) * SIZES.upstream)) {
        const input = repository.files[file] ?? '';
        const secret = call(['--recovery-unseal', '--recovery-private-key', older], input);
        call(['--cert', 'clusters/dev/cert.pem', '--format', 'yaml'], secret);
      }
    });
    return { ms: (performance.now() - startMs) / SIZES.upstream, cpuMs: cpuMs / SIZES.upstream };
  };
}

async function memoryRows(): Promise<Row[]> {
  const [few, many] = [await peaksOf(SIZES.memory[0]), await peaksOf(SIZES.memory[1])];
  const rowOf = (what: string, pick: (peaks: Peaks) => number): Row => ({
    work: `re-encrypt with keys, memory for ${SIZES.memory[1]} files${what}`,
    ours: formatMiB(pick(many) / 1024),
    against: `${SIZES.memory[0]} files ${formatMiB(pick(few) / 1024)}`,
    ratio: pick(many) / pick(few),
  });
  return [
    { ...rowOf(' without garbage', ({ keptKiB }) => keptKiB), aim: { atMost: MEMORY_AIM } },
    rowOf(', garbage too', ({ peakKiB }) => peakKiB),
  ];
}

/** Peaks of resident memory, as V8 collects garbage by itself and where it does so all the time. */
interface Peaks {
  readonly peakKiB: number;
  readonly keptKiB: number;
}

async function peaksOf(count: number): Promise<Peaks> {
  const tree = await repositoryOf(count);
  const peakOf = async (nodeFlags: readonly string[]) => {
    await rm(join(directory, 'clusters'), { recursive: true, force: true });
    await writeRepository(tree, directory);
    const args = ['re-encrypt', '--quiet', ...OFFLINE, 'clusters/dev'];
    return (await runKubeseal(args, nodeFlags)).peakKiB;
  };
  return { peakKiB: await peakOf([]), keptKiB: await peakOf(COLLECTING) };
}
