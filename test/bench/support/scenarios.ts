import type { Contender, Running } from './contenders.ts';
import { cpuMsOf, type Memory, memoryOf } from './figures/process-figures.ts';
import { type BenchObject, countWrites, createObjects, verifyObjects, versionsOf } from './objects.ts';
import { CREATED_EVENTS, formatRequests, requestCounts } from './requests.ts';
import { untilAtRest, watchSynced } from './settle.ts';
import { cpuMsOfServers } from './world.ts';

/** Who works on what. */
export interface Task {
  readonly contender: Contender;
  readonly objects: readonly BenchObject[];
}

/** What one run took. */
export interface Figures {
  readonly ms: number;
  /** CPU time of the controller. */
  readonly cpuMs: number;
  /** CPU time of kube-apiserver and etcd meanwhile. */
  readonly serverCpuMs: number;
  /** RSA decryptions; undefined where nobody counts. */
  readonly rsa: number | undefined;
  /** API requests per object. */
  readonly requests: string;
  /** Events created meanwhile. */
  readonly events: number;
  readonly memory: Memory;
}

/** From the first create until every status is written; the controller is there already and idle. */
export async function createAll(task: Task): Promise<Figures> {
  const { contender, objects } = task;
  const { client, home } = contender.world;
  const running = await contender.start();
  return finish(task, running, async () => {
    const { done } = await watchSynced(client, home, objects.length);
    const startMs = performance.now();
    await createObjects(client, home, objects);
    return (await done) - startMs;
  });
}

/** From the start of the controller until every status is written; the objects are there already. */
export async function unsealCold(task: Task): Promise<Figures> {
  const { contender, objects } = task;
  const { client, home } = contender.world;
  const { done } = await watchSynced(client, home, objects.length);
  done.catch(() => undefined); // awaited below; the start may fail first
  const running = await contender.start();
  return finish(task, running, async () => (await done) - running.startedMs);
}

/** From the start of the controller until it has handled every object; all are in sync already. */
export async function restart(
  task: Task,
): Promise<Figures & { readonly writes: number; readonly readyMs: number }> {
  const { contender, objects } = task;
  const { client, home } = contender.world;
  const before = await versionsOf(client, home);
  const running = await contender.start();
  const readyMs = performance.now() - running.startedMs;
  const figures = await finish(
    task,
    running,
    async () => (await untilAtRest(running, objects.length)) - running.startedMs,
  );
  return { ...figures, readyMs, writes: countWrites(before, await versionsOf(client, home)) };
}

/** Measures a run around `work`, which returns its time; stops the controller and checks the result. */
async function finish(
  { contender: { world }, objects }: Task,
  running: Running,
  work: () => Promise<number>,
): Promise<Figures> {
  const { client, home } = world;
  try {
    const before = await requestCounts(client);
    const serverCpuBeforeMs = await cpuMsOfServers(world);
    const ms = await work();
    const serverCpuMs = (await cpuMsOfServers(world)) - serverCpuBeforeMs;
    const after = await requestCounts(client);
    const requests = formatRequests(before, after, objects.length);
    const events = (after.get(CREATED_EVENTS) ?? 0) - (before.get(CREATED_EVENTS) ?? 0);
    // the count of RSA operations is up to 250 ms old
    await new Promise((resolve) => setTimeout(resolve, 300));
    const rsa = await running.rsaCount();
    const [cpuMs, memory] = [await cpuMsOf(running.pid), await memoryOf(running.pid)];
    return { ms, requests, events, rsa, cpuMs, serverCpuMs, memory };
  } finally {
    await running.stop();
    await verifyObjects(client, home, objects);
  }
}

/** Puts objects into a namespace before its controller runs. */
export async function createBeforehand({ contender: { world }, objects }: Task): Promise<void> {
  await createObjects(world.client, world.home, objects);
}
