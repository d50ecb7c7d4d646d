import { parseArgs } from 'node:util';
import { type Enter, ours, upstreamLifted } from './support/contenders.ts';
import { formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { type BenchKey, benchKeys, benchKeyV2 } from './support/keys.ts';
import { type BenchObject, sealObjects } from './support/objects.ts';
import { createAll, type Figures } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/create-v2.ts [--short]`: what values of format v2 cost a controller beside those of v1,
 * and beside upstream's controller, which only knows v1. Objects of two values are created by 32 clients at
 * once, like in reconcile.ts.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const COUNT = values.short ? 200 : 2000;
const ROUNDS = values.short ? 1 : 2;

const [rsa] = await benchKeys(1);
if (!rsa) throw new Error('no key');
const v2 = await benchKeyV2();
const sealedFor = (key: BenchKey) => sealObjects({ count: COUNT, keyOf: () => key });
const objects = { v1: await sealedFor(rsa), v2: await sealedFor(v2) };

await withWorld(async (world) => {
  const create = async (enter: Enter, keys: readonly BenchKey[], some: readonly BenchObject[]) =>
    createAll({ contender: await enter(world, keys), objects: some });
  await create(ours, [rsa], objects.v1.slice(0, 100)); // warms the API server up
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++)
    rounds.push({
      v1: await create(ours, [rsa], objects.v1),
      v2: await create(ours, [rsa, v2], objects.v2),
      upstream: await create(upstreamLifted, [rsa], objects.v1),
    });
  printTable([versus(rounds, 'v1'), versus(rounds, 'upstream')]);
  for (const side of ['v1', 'v2', 'upstream'] as const) {
    const of = (pick: (figures: Figures) => number) => median(rounds.map((round) => pick(round[side])));
    const peak = of(({ memory }) => memory.peakMiB).toFixed(0);
    console.log(`create, ${side}: ${formatMs(of(({ cpuMs }) => cpuMs))} of CPU, ${peak} MiB at most`);
  }
});

type Round = Readonly<Record<'v1' | 'v2' | 'upstream', Figures>>;

function versus(rounds: readonly Round[], other: 'v1' | 'upstream'): Row {
  const of = (side: keyof Round) => median(rounds.map((round) => round[side].ms));
  return {
    work: `create ${COUNT} of format v2`,
    ours: formatMs(of('v2')),
    against: `${other === 'v1' ? 'of v1' : 'upstream, of v1'} ${formatMs(of(other))}`,
    ratio: median(rounds.map((round) => round[other].ms / round.v2.ms)),
    ...(other === 'upstream' ? { upstream: 'upstream/ours' } : {}),
  };
}
