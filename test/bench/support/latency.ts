import { setTimeout as sleep } from 'node:timers/promises';
import type { WatchHandle } from '../../support/api/watch-events.ts';
import type { Running } from './contenders.ts';
import { median, percentile } from './figures/statistics.ts';
import { type BenchObject, inNamespace, sealedSecretsIn, secretsIn } from './objects.ts';
import type { Task } from './scenarios.ts';
import { untilAtRest } from './settle.ts';

/** Times from apply to Secret written. */
export interface Latency {
  readonly medianMs: number;
  readonly p99Ms: number;
}

interface Lane {
  readonly task: Task;
  readonly running: Running;
  readonly watch: WatchHandle;
  readonly timesMs: number[];
}

const WARM_UP = 5;
/** Other work on the machine must not fall in step with ours. */
const PAUSE_MS = 15;

/** Both controllers run, idle, each over its own objects; new objects come one at a time, to each in turn. */
export async function measureLatency(
  tasks: { readonly ours: Task; readonly lifted: Task },
  count: number,
): Promise<{ readonly ours: Latency; readonly lifted: Latency }> {
  const [ours, lifted] = [await open(tasks.ours), await open(tasks.lifted)];
  for (let turn = 0; turn < WARM_UP + count; turn++) {
    for (const lane of turn % 2 === 0 ? [ours, lifted] : [lifted, ours]) {
      lane.timesMs.push(await one(lane, turn));
      await sleep(PAUSE_MS);
    }
  }
  for (const { running, watch } of [ours, lifted]) {
    watch.close();
    await running.stop();
  }
  return { ours: summary(ours), lifted: summary(lifted) };
}

async function open(task: Task): Promise<Lane> {
  const { client, home } = task.contender.world;
  const running = await task.contender.start();
  await untilAtRest(running, task.objects.length);
  const { metadata } = await client.list(`${secretsIn(home)}?limit=1`);
  const watch = await client.watch(`${secretsIn(home)}?resourceVersion=${metadata.resourceVersion}`);
  return { task, running, watch, timesMs: [] };
}

async function one({ task: { contender, objects }, watch }: Lane, turn: number): Promise<number> {
  const { client, home } = contender.world;
  const name = `new-${turn}`;
  const from = objects[turn % objects.length] as BenchObject;
  const object = { ...from, sealed: { ...from.sealed, metadata: { ...from.sealed.metadata, name } } };
  const startMs = performance.now();
  const creating = client.create(sealedSecretsIn(home), inNamespace(object, home));
  await watch.until((event) => event.type === 'ADDED' && event.object.metadata.name === name);
  const ms = performance.now() - startMs;
  await creating;
  return ms;
}

function summary({ timesMs }: Lane): Latency {
  const counted = timesMs.slice(WARM_UP);
  return { medianMs: median(counted), p99Ms: percentile(counted, 99) };
}
