import { parseArgs } from 'node:util';
import { type Enter, ours, upstream, upstreamLifted } from './support/contenders.ts';
import { formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { type Floor, floorOf } from './support/floor.ts';
import { benchKeys } from './support/keys.ts';
import { measureLatency } from './support/latency.ts';
import { type BenchObject, sealObjects } from './support/objects.ts';
import { createAll, type Figures, restart, type Task } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/reconcile.ts [--short]`: ours beside upstream's controller on one kube-apiserver. Objects
 * are created by 32 clients at once while the idle controller watches; the time runs from the first create
 * until every Secret and status is written.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short ? { objects: 200, few: 10, single: 20 } : { objects: 2000, few: 200, single: 120 };
/** One more of ours than of upstream's, around it: what else the machine does hits both. */
const ROUNDS = values.short ? 1 : 2;

const keys = await benchKeys(1);
const [key] = keys;
if (!key) throw new Error('no key');
const objects = await sealObjects({ count: SIZES.objects, keyOf: () => key });

await withWorld(async (world) => {
  const taskOf = async (enter: Enter, some: readonly BenchObject[] = objects): Promise<Task> => ({
    contender: await enter(world, keys),
    objects: some,
  });
  await createAll(await taskOf(ours, objects.slice(0, 100))); // warms the API server up
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [mine, lifted] = [await taskOf(ours), await taskOf(upstreamLifted)];
    const created = { ours: await createAll(mine), lifted: await createAll(lifted) };
    rounds.push({ ours: mine, lifted, created, floor: await floorOf(mine, created.ours, key.keyPair) });
  }
  const few = objects.slice(0, SIZES.few);
  const [oursFew, upstreamFew] = [
    await createAll(await taskOf(ours, few)),
    await createAll(await taskOf(upstream, few)),
  ];
  const [tasks] = rounds;
  if (!tasks) throw new Error('no round');
  const created = rounds.map(({ created }) => created);
  printTable([
    versus(`create ${SIZES.objects} SealedSecrets`, created, { atLeast: 3 }),
    floorRow(rounds),
    versus(`create ${SIZES.few} SealedSecrets, upstream with its default limit`, [
      { ours: oursFew, lifted: upstreamFew },
    ]),
    ...(await restartRows(tasks)),
    ...(await latencyRows(tasks)),
  ]);
  for (const side of ['ours', 'lifted'] as const) {
    const { requests, cpuMs, rsa, memory } = created[0]?.[side] ?? oursFew;
    console.log(
      `create, ${side}: ${formatMs(cpuMs)} of CPU, ${rsa ?? 'uncounted'} RSA operations, ${memory.peakMiB.toFixed(0)} MiB; per object: ${requests}`,
    );
  }
});

interface Round {
  readonly ours: Task;
  readonly lifted: Task;
  readonly created: { readonly ours: Figures; readonly lifted: Figures };
  readonly floor: Floor;
}

function floorRow(rounds: readonly Round[]): Row {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const [writesMs, rsaMs] = [of(({ floor }) => floor.writesMs), of(({ floor }) => floor.rsaMs)];
  return {
    work: '  against the same writes by a bare loop, then the RSA',
    ours: formatMs(of(({ created }) => created.ours.ms)),
    against: `${formatMs(writesMs)} and ${formatMs(rsaMs)}`,
    ratio: of(({ created, floor }) => created.ours.ms / (floor.writesMs + floor.rsaMs)),
    aim: { atMost: 1.25 },
  };
}

type Pair = { readonly ours: Pick<Figures, 'ms'>; readonly lifted: Pick<Figures, 'ms'> };

function versus(work: string, pairs: readonly Pair[], aim?: Row['aim']): Row {
  const of = (side: keyof Pair) => median(pairs.map((pair) => pair[side].ms));
  return {
    work,
    ours: formatMs(of('ours')),
    against: `upstream ${formatMs(of('lifted'))}`,
    ratio: median(pairs.map((pair) => pair.lifted.ms / pair.ours.ms)),
    upstream: 'upstream/ours',
    ...(aim ? { aim } : {}),
  };
}

async function restartRows(tasks: { readonly ours: Task; readonly lifted: Task }): Promise<Row[]> {
  const mine = [];
  for (let round = 0; round < 3; round++) mine.push(await restart(tasks.ours));
  const theirs = await restart(tasks.lifted);
  const one = mine.toSorted((a, b) => a.ms - b.ms)[1] ?? theirs;
  const writes = Math.max(...mine.map((run) => run.writes));
  const rsa = Math.max(...mine.map((run) => run.rsa ?? 0));
  return [
    versus(`restart with ${SIZES.objects} in sync`, [{ ours: one, lifted: theirs }], { atLeast: 15 }),
    { work: '  until ready', ours: formatMs(one.readyMs), against: '' },
    {
      work: '  RSA operations',
      ours: String(rsa),
      against: 'one tries the key',
      ratio: rsa,
      aim: { atMost: keys.length },
    },
    {
      work: '  writes',
      ours: String(writes),
      against: `upstream ${theirs.writes}`,
      ratio: writes,
      aim: { atMost: 0 },
    },
    {
      work: '  CPU time',
      ours: formatMs(one.cpuMs),
      against: `upstream ${formatMs(theirs.cpuMs)}`,
      ratio: theirs.cpuMs / one.cpuMs,
      upstream: 'upstream/ours',
    },
  ];
}

async function latencyRows(tasks: { readonly ours: Task; readonly lifted: Task }): Promise<Row[]> {
  const { ours: mine, lifted } = await measureLatency(tasks, SIZES.single);
  const row = (work: string, pick: (times: typeof mine) => number): Row => ({
    work,
    ours: formatMs(pick(mine)),
    against: `upstream ${formatMs(pick(lifted))}`,
    ratio: pick(mine) / pick(lifted),
    upstream: 'ours/upstream',
    aim: { atMost: 1 },
  });
  return [
    row(`one new object among ${SIZES.objects}, median of ${SIZES.single}`, ({ medianMs }) => medianMs),
    row(`one new object among ${SIZES.objects}, 99th percentile of ${SIZES.single}`, ({ p99Ms }) => p99Ms),
  ];
}
