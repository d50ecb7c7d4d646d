import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { RsaKeyPair } from '@fuin/crypto-core';
import { ours } from './support/contenders.ts';
import { type Rate, rawRsa } from './support/figures/raw-rsa.ts';
import { printTable } from './support/figures/report.ts';
import { median } from './support/figures/statistics.ts';
import { benchKeys } from './support/keys.ts';
import { sealObjects } from './support/objects.ts';
import { createBeforehand, type Task, unsealCold } from './support/scenarios.ts';
import { withWorld } from './support/world.ts';

/**
 * `node test/bench/throughput.ts [--short]`: values opened per second by the whole controller, end to end,
 * against the raw RSA rate of all cores. Objects of many values, since on this machine the API server's own
 * work would otherwise be most of what is measured; the start of the process is taken off by a run over a few
 * objects.
 */
const { values } = parseArgs({ options: { short: { type: 'boolean' } } });
const SIZES = values.short ? { objects: 20, few: 2, values: 50 } : { objects: 200, few: 10, values: 100 };
const ROUNDS = values.short ? 1 : 3;
const cores = availableParallelism();

const keys = await benchKeys(1);
const key = keys[0] as (typeof keys)[number];
const objects = await sealObjects({ count: SIZES.objects, values: SIZES.values, keyOf: () => key });

await withWorld(async (world) => {
  const run = async (count: number) => {
    const some = objects.slice(0, count);
    const task: Task = { contender: await ours(world, keys), objects: some };
    await createBeforehand(task);
    return unsealCold(task);
  };
  await run(SIZES.few); // warms the API server up
  const rounds: (Rate & { readonly raw: Rate })[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const raw = await rawRate(key.keyPair);
    const [few, all] = [await run(SIZES.few), await run(SIZES.objects)];
    const operations = (all.rsa ?? 0) - (few.rsa ?? 0);
    rounds.push({
      raw,
      perSecond: (operations / (all.ms - few.ms)) * 1000,
      cpuMs: (all.cpuMs - few.cpuMs) / operations,
    });
  }
  const of = (pick: (round: Rate & { readonly raw: Rate }) => number) => median(rounds.map(pick));
  printTable([
    {
      work: `values opened per second, ${SIZES.objects} objects of ${SIZES.values} values`,
      ours: of(({ perSecond }) => perSecond).toFixed(0),
      against: `raw RSA on ${cores} cores ${of(({ raw }) => raw.perSecond).toFixed(0)}`,
      ratio: of(({ perSecond, raw }) => perSecond / raw.perSecond),
      aim: { atLeast: 0.8 },
    },
    {
      work: '  by CPU time of the process',
      ours: `${of(({ cpuMs }) => cpuMs).toFixed(2)} ms`,
      against: `raw RSA ${of(({ raw }) => raw.cpuMs).toFixed(2)} ms`,
      ratio: of(({ cpuMs, raw }) => raw.cpuMs / cpuMs),
      aim: { atLeast: 0.8 },
    },
  ]);
});

async function rawRate(pair: RsaKeyPair) {
  const measure = await rawRsa(pair, { cores, roundMs: values.short ? 500 : 2000 });
  await measure(); // warm up
  return measure();
}
