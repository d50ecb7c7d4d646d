import { parseArgs } from 'node:util';
import { startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { World } from '../support/world.ts';
import { type Contender, ours } from './support/contenders.ts';
import { copiesOf } from './support/copies.ts';
import { cpuMsOf, memoryOf } from './support/figures/process-figures.ts';
import { formatMiB, formatMs, printTable } from './support/figures/report.ts';
import { benchKeys } from './support/keys.ts';
import { countWrites, createObjects, sealObjects, versionsOf } from './support/objects.ts';
import { untilAtRest, watchSynced } from './support/settle.ts';

/**
 * `node test/bench/restart.ts [--short]`: a restart where very many objects are in sync, on the embedded
 * server: to fill a real one takes most of the machine.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short ? { small: 500, large: 2500 } : { small: 20_000, large: 100_000 };
const FACTOR = SIZES.large / SIZES.small;
/** So many are sealed and opened; the others are copies of them under other names. */
const PATTERNS = 200;
const LIMIT_MIB = 512;

const keys = await benchKeys(1);
const patterns = await sealObjects({ count: PATTERNS, keyOf: () => keys[0] as (typeof keys)[number] });
const world = await World.on(await startEmbeddedCluster(), { key: false });
try {
  const contender = await ours(world, keys);
  await openPatterns(contender);
  const copies = await copiesOf(contender.world);
  await copies(PATTERNS, SIZES.small);
  const small = await restart(contender, SIZES.small);
  await copies(SIZES.small, SIZES.large);
  const large = await restart(contender, SIZES.large);
  const work = `restart with ${SIZES.large} in sync`;
  printTable([
    {
      work: `${work}, CPU time, each beside ${SIZES.small}`,
      ours: formatMs(large.cpuMs),
      against: `${FACTOR} times ${formatMs(small.cpuMs)}`,
      ratio: large.cpuMs / (FACTOR * small.cpuMs),
      aim: { atMost: 1.15 },
    },
    {
      work: `${work}, memory at its highest`,
      ours: formatMiB(large.peakMiB),
      against: `aim ${formatMiB(LIMIT_MIB)}`,
      ratio: large.peakMiB / LIMIT_MIB,
      aim: { atMost: 1 },
    },
    { work: `${work}, RSA operations`, ours: String(large.rsa), against: 'one tries the key' },
    { work: `${work}, writes`, ours: String(large.writes), against: '' },
  ]);
} finally {
  await world.close();
}

/** Lets the controller itself make the Secrets and statuses that are copied. */
async function openPatterns({ world, start }: Contender): Promise<void> {
  const { done } = await watchSynced(world.client, world.home, PATTERNS);
  const running = await start();
  await createObjects(world.client, world.home, patterns);
  await done;
  await running.stop();
}

/** From the start of the controller until it has looked at every object and rests. */
async function restart(
  { world: { client, home }, start }: Contender,
  count: number,
): Promise<{ cpuMs: number; peakMiB: number; rsa: number | undefined; writes: number }> {
  const before = await versionsOf(client, home);
  const running = await start();
  try {
    await untilAtRest(running, count);
    // the count of RSA operations is up to 250 ms old
    await new Promise((resolve) => setTimeout(resolve, 300));
    const [cpuMs, { peakMiB }] = [await cpuMsOf(running.pid), await memoryOf(running.pid)];
    const [rsa, after] = [await running.rsaCount(), await versionsOf(client, home)];
    return { cpuMs, peakMiB, rsa, writes: countWrites(before, after) };
  } finally {
    await running.stop();
  }
}
