import { cpuMsOf, memoryOf } from './figures/process-figures.ts';
import { type BenchObject, countWrites, createObjects, verifyObjects, versionsOf } from './objects.ts';
import { formatRequests, requestCounts } from './requests.ts';
import { untilAtRest, watchSynced } from './settle.ts';
import type { BenchWorld, Contender, Running } from './world.ts';

/** Who works where on what. */
export interface Scene {
  readonly world: BenchWorld;
  readonly contender: Contender;
  readonly home: string;
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
  readonly memory: { readonly nowMiB: number; readonly peakMiB: number };
}

/** From the first create until the status of every object is written; the controller is there already and idle. */
export async function createAll(scene: Scene): Promise<Figures> {
  const { world, contender, home, objects } = scene;
  const running = await contender.start(world, home);
  return finish(scene, running, async () => {
    const { done } = await watchSynced(world.client, home, objects.length);
    const startMs = performance.now();
    await createObjects(world.client, home, objects);
    return (await done) - startMs;
  });
}

/** From the start of the controller until the status of every object is written; the objects are there already. */
export async function unsealCold(scene: Scene): Promise<Figures> {
  const { world, contender, home, objects } = scene;
  const { done } = await watchSynced(world.client, home, objects.length);
  done.catch(() => undefined); // awaited below; the start may fail first
  const running = await contender.start(world, home);
  return finish(scene, running, async () => (await done) - running.startedMs);
}

/** From the start of the controller until it has been through every object; all are in line already. */
export async function restart(
  scene: Scene,
): Promise<Figures & { readonly writes: number; readonly readyMs: number }> {
  const { world, contender, home, objects } = scene;
  const before = await versionsOf(world.client, home);
  const running = await contender.start(world, home);
  const readyMs = performance.now() - running.startedMs;
  const figures = await finish(
    scene,
    running,
    async () => (await untilAtRest(running, objects.length)) - running.startedMs,
  );
  return { ...figures, readyMs, writes: countWrites(before, await versionsOf(world.client, home)) };
}

/** Measures a run around `work`, which gives its time; stops the controller and looks whether all came out right. */
async function finish(
  { world, home, objects }: Scene,
  running: Running,
  work: () => Promise<number>,
): Promise<Figures> {
  try {
    const before = await requestCounts(world.client);
    const serverCpuBeforeMs = await world.serverCpuMs();
    const ms = await work();
    const serverCpuMs = (await world.serverCpuMs()) - serverCpuBeforeMs;
    const requests = formatRequests(before, await requestCounts(world.client), objects.length);
    await new Promise((resolve) => setTimeout(resolve, 300)); // the count of RSA operations is up to 250 ms old
    const rsa = await running.rsaCount();
    const [cpuMs, memory] = [await cpuMsOf(running.pid), await memoryOf(running.pid)];
    return { ms, requests, rsa, cpuMs, serverCpuMs, memory };
  } finally {
    await running.stop();
    await verifyObjects(world.client, home, objects);
  }
}

/** Puts objects into a namespace before its controller runs. */
export async function createBeforehand({ world, home, objects }: Scene): Promise<void> {
  await createObjects(world.client, home, objects);
}
