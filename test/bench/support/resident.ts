import { setTimeout as sleep } from 'node:timers/promises';
import { type Memory, memoryOf } from './figures/process-figures.ts';
import { createObjects, verifyObjects } from './objects.ts';
import type { Task } from './scenarios.ts';
import { watchSynced } from './settle.ts';

/**
 * The collectors of V8 and Go give memory back only some seconds after the last work. Both sides get as long.
 */
const REST_MS = 15_000;

/** Memory of a controller at two moments of rest. */
export interface Resident {
  /** Before there is any SealedSecret. */
  readonly idle: Memory;
  /** After all objects were created. */
  readonly loaded: Memory;
}

/** Starts a controller in its empty namespace, lets it rest, creates the objects, and lets it rest again. */
export async function residentOf({ contender, objects }: Task): Promise<Resident> {
  const { client, home } = contender.world;
  const running = await contender.start();
  try {
    await sleep(REST_MS);
    const idle = await memoryOf(running.pid);
    const { done } = await watchSynced(client, home, objects.length);
    await createObjects(client, home, objects);
    await done;
    await sleep(REST_MS);
    const loaded = await memoryOf(running.pid);
    await verifyObjects(client, home, objects);
    return { idle, loaded };
  } finally {
    await running.stop();
  }
}
