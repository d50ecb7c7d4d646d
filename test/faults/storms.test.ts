import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RequestFault } from '../apiserver/src/index.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { Load } from './load.ts';

const isFull = process.env['FUIN_FAULTS'] === 'full';
const STORM_MS = 2_000;
const OBJECTS = 40;
/**
 * Two seconds hold five quick retries of an object and one or two slow ones, which report the trouble too.
 */
const REQUESTS_PER_OBJECT = 20;
/** Lists, watches and events. */
const OTHER_REQUESTS = 60;

const STORMS: readonly [string, RequestFault][] = [
  ['409', { action: 'answer', code: 409 }],
  ['429 with Retry-After', { action: 'answer', code: 429, retryAfterSeconds: 1 }],
  ['503', { action: 'answer', code: 503 }],
  ['answers that never arrive', { action: 'reset', when: 'after' }],
  ['429', { action: 'answer', code: 429 }],
  ['500', { action: 'answer', code: 500 }],
  ['resets', { action: 'reset', when: 'before' }],
];

describe('a storm refuses every request of the controller', () => {
  let world: World<EmbeddedCluster>;
  beforeAll(async () => {
    world = await World.running(await startEmbeddedCluster());
  });
  beforeEach(() => world.cluster.apiServer.faults.clear());
  afterAll(() => world?.close());

  it.each(isFull ? STORMS : STORMS.slice(0, 4))(
    'with %s, and it neither floods the server nor loses work',
    async (what, fault) => {
      const { apiServer } = world.cluster;
      const calm = await Load.prepare(await Scene.of(world), 1);
      await calm.play();
      await calm.untilInSync(); // the controller is watching
      const load = await Load.prepare(await Scene.of(world), OBJECTS);
      const from = apiServer.log.entries.length;
      const count = () => apiServer.log.entries.slice(from).filter(({ user }) => user === world.user).length;
      const undo = apiServer.faults.onRequest({ user: world.user }, fault);
      const startedMs = performance.now();
      const isOver = sleep(STORM_MS);
      await load.play();
      await eventually('attempts', async () => count() > OBJECTS || undefined);
      apiServer.resetConnections();
      await isOver;
      const requests = count();
      undo();
      const durationMs = performance.now() - startedMs; // longer where the machine is busy
      console.info(`${what}: ${requests} requests in ${Math.round(durationMs)} ms for ${OBJECTS} objects`);
      const most = OBJECTS * REQUESTS_PER_OBJECT + OTHER_REQUESTS;
      expect(requests).toBeLessThan((most * durationMs) / STORM_MS);
      await load.untilInSync();
    },
  );
});
