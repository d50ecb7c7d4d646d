import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchHandle } from '../../support/api/watch-events.ts';
import { median, percentile } from './figures/statistics.ts';
import { type BenchObject, inNamespace, sealedSecretsIn, secretsIn } from './objects.ts';
import type { Scene } from './scenarios.ts';
import { untilAtRest } from './settle.ts';
import type { BenchWorld, Running } from './world.ts';

/** Times from apply to Secret written. */
export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

interface Lane {
  readonly scene: Scene;
  readonly running: Running;
  readonly watch: WatchHandle;
  readonly timesMs: number[];
}

const WARM_UP = 5;
/** Other work on the machine must not fall in step with ours. */
const PAUSE_MS = 15;

/** Both controllers run, idle, each over its own objects; new objects come one at a time, to each in turn. */
export async function measureLatency(
  world: BenchWorld,
  scenes: { readonly ours: Scene; readonly lifted: Scene },
  count: number,
): Promise<{ readonly ours: Latency; readonly lifted: Latency }> {
  const [ours, lifted] = [await open(world, scenes.ours), await open(world, scenes.lifted)];
  for (let turn = 0; turn < WARM_UP + count; turn++) {
    for (const lane of turn % 2 === 0 ? [ours, lifted] : [lifted, ours]) {
      lane.timesMs.push(await one(world, lane, turn));
      await sleep(PAUSE_MS);
    }
  }
  for (const { running, watch } of [ours, lifted]) {
    watch.close();
    await running.stop();
  }
  return { ours: summary(ours), lifted: summary(lifted) };
}

async function open(world: BenchWorld, scene: Scene): Promise<Lane> {
  const running = await scene.contender.start(world, scene.home);
  await untilAtRest(running, scene.objects.length);
  const { metadata } = await world.client.list(`${secretsIn(scene.home)}?limit=1`);
  const watch = await world.client.watch(
    `${secretsIn(scene.home)}?resourceVersion=${metadata.resourceVersion}`,
  );
  return { scene, running, watch, timesMs: [] };
}

async function one(world: BenchWorld, { scene, watch }: Lane, turn: number): Promise<number> {
  const name = `new-${turn}`;
  const from = scene.objects[turn % scene.objects.length] as BenchObject;
  const object = { ...from, sealed: { ...from.sealed, metadata: { ...from.sealed.metadata, name } } };
  const startMs = performance.now();
  const creating = world.client.create(sealedSecretsIn(scene.home), inNamespace(object, scene.home));
  await watch.until((event) => event.type === 'ADDED' && event.object.metadata.name === name);
  const ms = performance.now() - startMs;
  await creating;
  return ms;
}

function summary({ timesMs }: Lane): Latency {
  const counted = timesMs.slice(WARM_UP);
  return { medianMs: median(counted), p99Ms: percentile(counted, 99) };
}
