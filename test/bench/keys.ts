import { parseArgs } from 'node:util';
import { type Enter, ours, upstreamLifted } from './support/contenders.ts';
import { formatMs, printTable, type Row } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { type BenchKey, benchKeys } from './support/keys.ts';
import { type BenchObject, deleteSecrets, sealObjects } from './support/objects.ts';
import { createBeforehand, type Figures, restart, type Task, unsealCold } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/keys.ts [--short]`: what many sealing keys cost. A cold run starts the controller over
 * objects that no controller has seen (no hints), or whose Secrets are gone while their status still says
 * which key opened them (hints).
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
/** Upstream tries every key for every value, so fewer objects must do; figures are per object. */
const SIZES = values.short
  ? { objects: 150, upstream: 30, keys: 6 }
  : { objects: 2000, upstream: 200, keys: 24 };
const ROUNDS = values.short ? 1 : 3;

const keys = await benchKeys(SIZES.keys);
const at = (index: number): BenchKey => keys.at(index) as BenchKey;
const sealedWith = (keyOf: (index: number) => BenchKey, count = SIZES.objects) =>
  sealObjects({ count, keyOf });
const objects = {
  newest: await sealedWith(() => at(0)),
  oldest: await sealedWith(() => at(-1)),
  spread: await sealedWith((index) => at(index % keys.length)),
};

await withWorld(async (world) => {
  const prepare = async (some: readonly BenchObject[], ring = keys, enter: Enter = ours): Promise<Task> => {
    const made = { contender: await enter(world, ring), objects: some };
    await createBeforehand(made);
    return made;
  };
  const again = async (made: Task) => {
    await deleteSecrets(world.client, made.contender.world.home, made.objects);
    return unsealCold(made);
  };
  await unsealCold(await prepare(objects.newest.slice(0, 100))); // warms the API server up
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await prepare(objects.newest, keys.slice(0, 1));
    const [oldest, spread] = [await prepare(objects.oldest), await prepare(objects.spread)];
    rounds.push({
      one: await unsealCold(one),
      oldest: await unsealCold(oldest),
      unhinted: await unsealCold(spread),
      hinted: await again(spread),
      oneAgain: await again(one),
      restartOne: await restart(one),
      restartMany: await restart(spread),
    });
  }
  const few = objects.spread.slice(0, SIZES.upstream);
  const theirs = await unsealCold(await prepare(few, keys, upstreamLifted));
  printTable(rowsOf(rounds, theirs));
});

type Round = Readonly<
  Record<'one' | 'oldest' | 'unhinted' | 'hinted' | 'oneAgain' | 'restartOne' | 'restartMany', Figures>
>;

function rowsOf(rounds: readonly Round[], theirs: Figures): Row[] {
  const compare = (work: string, run: keyof Round, base: keyof Round): Row => ({
    work,
    ours: `${formatMs(median(rounds.map((round) => round[run].ms)))}${rsaOf(rounds, run)}`,
    against: `one key ${formatMs(median(rounds.map((round) => round[base].ms)))}${rsaOf(rounds, base)}`,
    ratio: median(rounds.map((round) => round[run].ms / round[base].ms)),
    aim: { atMost: 1.2 },
  });
  const each = (count: number, ms: number) => `${formatMs(ms / count)} an object`;
  const cold = `cold, ${SIZES.objects} objects, ${SIZES.keys} keys,`;
  const { aim: _aim, ...unhinted } = compare(`${cold} spread over all, no hint`, 'unhinted', 'one');
  const unhintedMs = median(rounds.map((round) => round.unhinted.ms)) / SIZES.objects;
  return [
    compare(`${cold} all with the oldest`, 'oldest', 'one'),
    compare(`${cold} spread over all, with hints`, 'hinted', 'oneAgain'),
    unhinted,
    {
      work: '',
      ours: each(1, unhintedMs),
      against: `upstream ${each(SIZES.upstream, theirs.ms)} (${SIZES.upstream} objects)`,
      ratio: theirs.ms / SIZES.upstream / unhintedMs,
      upstream: 'upstream/ours',
      aim: { atLeast: 1 },
    },
    compare(`restart with ${SIZES.objects} in sync, ${SIZES.keys} keys`, 'restartMany', 'restartOne'),
  ];
}

function rsaOf(rounds: readonly Round[], run: keyof Round): string {
  return `, ${median(rounds.map((round) => round[run].rsa ?? 0))} RSA`;
}
