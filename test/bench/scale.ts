import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Enter, ours, upstreamLifted } from './support/contenders.ts';
import type { Memory } from './support/figures/process-figures.ts';
import { formatMiB, formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { benchKeys } from './support/keys.ts';
import { type BenchObject, sealObjects } from './support/objects.ts';
import { type Resident, residentOf } from './support/resident.ts';
import { createBeforehand, restart, type Task, unsealCold } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/scale.ts [--short]`: whether time grows in proportion to the number of objects, and memory
 * stays small.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short ? { small: 200, large: 1000 } : { small: 2000, large: 10_000 };
const FACTOR = SIZES.large / SIZES.small;
const ROUNDS = values.short ? 1 : 3;

const keys = await benchKeys(1);
const objects = await sealObjects({ count: SIZES.large, keyOf: () => keys[0] as (typeof keys)[number] });

await withWorld(async (world) => {
  const prepare = async (some: readonly BenchObject[]): Promise<Task> => {
    const made = { contender: await ours(world, keys), objects: some };
    await createBeforehand(made);
    return made;
  };
  await unsealCold(await prepare(objects.slice(0, 100))); // warms the API server up
  const small = [
    await prepare(objects.slice(0, SIZES.small)),
    await prepare(objects.slice(0, SIZES.small)),
  ] as const;
  const large = await prepare(objects);
  // the small ones before and after, so that a drift of the machine's speed hits both sizes
  const coldSmall = [await unsealCold(small[0])];
  const coldLarge = await unsealCold(large);
  coldSmall.push(await unsealCold(small[1]));
  const restarts = [];
  for (let round = 0; round < ROUNDS; round++) {
    restarts.push({ small: await restart(small[0]), large: await restart(large) });
  }
  const certificateMs = [];
  for (let round = 0; round < ROUNDS; round++) certificateMs.push(await firstCertificate(large));
  const resident = async (enter: Enter, some: readonly BenchObject[]) =>
    residentOf({ contender: await enter(world, keys), objects: some });
  const few = objects.slice(0, SIZES.small);
  const held = { ours: await resident(ours, few), upstream: await resident(upstreamLifted, few) };
  const heldMany = { ours: await resident(ours, objects), upstream: await resident(upstreamLifted, objects) };
  const smallMs = median(coldSmall.map(({ ms }) => ms));
  const peak = (figures: readonly { memory: { peakMiB: number } }[]) =>
    Math.max(...figures.map(({ memory }) => memory.peakMiB));
  printTable([
    linear(`cold ${SIZES.large}, each beside ${SIZES.small}`, coldLarge.ms, smallMs),
    linear('  CPU time', coldLarge.cpuMs, median(coldSmall.map(({ cpuMs }) => cpuMs))),
    linear(
      `restart with ${SIZES.large} in sync, each beside ${SIZES.small}`,
      median(restarts.map((round) => round.large.ms)),
      median(restarts.map((round) => round.small.ms)),
    ),
    limit(`restart with ${SIZES.large} in sync`, median(restarts.map(({ large: { ms } }) => ms)), 6000),
    memory(`memory after cold ${SIZES.large}, peak`, coldLarge.memory.peakMiB, 250),
    memory(`memory after restart with ${SIZES.large}, peak`, peak(restarts.map((round) => round.large)), 250),
    memory('memory at rest, no SealedSecret', held.ours.idle.nowMiB, 70),
    ...memoryBeside('', 'idle', held),
    ...memoryBeside(`memory at rest, ${SIZES.small} created`, 'loaded', held, { atMost: 1.3 }),
    memory(`memory at rest, ${SIZES.large} created`, heldMany.ours.loaded.nowMiB, 130),
    ...memoryBeside('', 'loaded', heldMany),
    limit(`first /v1/cert.pem with ${SIZES.large} objects`, median(certificateMs), 1500),
  ]);
});

/** From the start of the process, an existing key, until the certificate is served. */
async function firstCertificate({ contender }: Task): Promise<number> {
  const running = await contender.start(false);
  try {
    for (; ; await sleep(5)) {
      const answer = await fetch(`${running.url}/v1/cert.pem`);
      if (answer.ok && (await answer.text()).startsWith('-----BEGIN CERTIFICATE'))
        return performance.now() - running.startedMs;
    }
  } finally {
    await running.stop();
  }
}

function linear(work: string, largeMs: number, smallMs: number): Row {
  return {
    work,
    ours: formatMs(largeMs),
    against: `${FACTOR} times ${formatMs(smallMs)}`,
    ratio: largeMs / (FACTOR * smallMs),
    aim: { atMost: 1.15 },
  };
}

function limit(work: string, ms: number, atMostMs: number): Row {
  return {
    work,
    ours: formatMs(ms),
    against: `aim ${formatMs(atMostMs)}`,
    ratio: ms / atMostMs,
    aim: { atMost: 1 },
  };
}

function memory(work: string, mebibytes: number, aimMiB: number): Row {
  return {
    work,
    ours: formatMiB(mebibytes),
    against: `aim ${formatMiB(aimMiB)}`,
    ratio: mebibytes / aimMiB,
    aim: { atMost: 1 },
  };
}

type Beside = Readonly<Record<'ours' | 'upstream', Resident>>;

function memoryBeside(
  work: string,
  moment: keyof Resident,
  { ours, upstream }: Beside,
  aim?: Row['aim'],
): Row[] {
  const row = (name: string, of: keyof Memory): Row => ({
    work: name,
    ours: formatMiB(ours[moment][of]),
    against: `upstream ${formatMiB(upstream[moment][of])}`,
    ratio: ours[moment][of] / upstream[moment][of],
    upstream: 'ours/upstream',
    ...(aim && { aim }),
  });
  return [row(work, 'nowMiB'), row('  without pages of files', 'ownMiB')];
}
