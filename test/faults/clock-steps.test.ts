import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import type { Controller } from '../support/processes/controller-process.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { Load } from './load.ts';
import { WallClock } from './wall-clock.ts';

const HOUR_MS = 3_600_000;
const OBJECTS = 24;
/** Two reconciles, each with read, write, status and event, and retries while the leader checks its Lease. */
const REQUESTS_PER_OBJECT = 20;
const LEASE = 'sealed-secrets-controller';
const ARGS = ['--leader-elect-lease-duration=3s'];
/** The key is ten days old; the next is due when it is thirty. */
const HOURS_TO_RENEWAL = 24 * 20;

let clock: WallClock;
let world: World<EmbeddedCluster>;
let standby: Controller;

beforeAll(async () => {
  clock = await WallClock.create();
  world = await World.running(await startEmbeddedCluster(), { args: ARGS, env: clock.env });
  await untilRenewed(1);
  standby = await world.startReplica({ NODE_OPTIONS: '' }); // its clock stays right
});
beforeEach(() => clock.set(0));
afterAll(async () => {
  await standby?.kill();
  await world?.close();
  await clock?.close();
});

async function lease() {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${world.home}/leases/${LEASE}`;
  const { body } = await world.client.request('GET', path);
  return body as { metadata?: { resourceVersion: string }; spec: Record<string, unknown> };
}

/** Waits until the leader has renewed its Lease some times: what a step has set off has begun by then. */
async function untilRenewed(times: number): Promise<void> {
  for (let left = times; left > 0; left -= 1) {
    const { metadata: before } = await lease();
    const isRenewed = async () => (await lease()).metadata?.resourceVersion !== before?.resourceVersion;
    await eventually('a renewed lease', async () => (await isRenewed()) || undefined);
  }
}

const requestsSince = (from: number) =>
  world.cluster.apiServer.log.entries
    .slice(from)
    .filter(({ user, resource }) => user === world.user && resource !== 'leases');

async function expectOneLeader(): Promise<void> {
  expect((await lease()).spec).toMatchObject({
    holderIdentity: `${world.home}-controller`,
    leaseTransitions: 0,
  });
  expect(await standby.logs()).not.toContain('leading');
}

describe('the wall clock of the leader is set', () => {
  it.each([
    ['forward by six hours', [6]],
    ['back by six hours', [-6]],
    ['again and again', [6, -6, 0, 48, -48, 1, -1]],
  ])('%s, and work goes on under the same leader', async (_what, hours) => {
    const { apiServer } = world.cluster;
    const scene = await Scene.of(world);
    const load = await Load.prepare(scene, OBJECTS);
    const from = apiServer.log.entries.length;
    const busy = { user: world.user, verb: 'create', resource: 'secrets', namespace: scene.namespace };
    // what waits for a retry meets a step too
    apiServer.faults.onRequest(busy, { action: 'answer', code: 503 }, OBJECTS);
    const playing = load.play();
    for (const each of hours) {
      await clock.set(each * HOUR_MS);
      await untilRenewed(1);
    }
    await playing;
    await load.untilInSync();
    await expectOneLeader();
    expect(requestsSince(from).length).toBeLessThan(OBJECTS * REQUESTS_PER_OBJECT);
    expect(await world.keySecrets()).toHaveLength(1);
  });

  it('and nothing is done where nothing is due', async () => {
    await untilRenewed(2);
    const from = world.cluster.apiServer.log.entries.length;
    for (const hours of [12, -12, 0]) {
      await clock.set(hours * HOUR_MS);
      await untilRenewed(2);
    }
    expect(requestsSince(from)).toEqual([]);
    await expectOneLeader();
  });

  it('and peers are limited by the time that passed', async () => {
    const verify = async () =>
      (await fetch(`${world.controller.url}/v1/verify`, { method: 'POST', body: '{}' })).status;
    for (const hours of [6, -6]) {
      await clock.set(hours * HOUR_MS);
      await eventually('a refusal', async () => {
        const statuses = await Promise.all(Array.from({ length: 8 }, verify));
        return statuses.includes(429) || undefined;
      });
    }
    await eventually('a peer that may ask again', async () => (await verify()) !== 429 || undefined);
  });

  it('past the end of a renewal period, and one key is made', async () => {
    const before = await world.served();
    await clock.set((HOURS_TO_RENEWAL + 1) * HOUR_MS);
    // it looks once an hour, and when keys change
    await storeKey(world.client, world.home, { key: await testKey('b', 40), name: 'key-b' });
    await eventually('the new key', async () => (await world.served()) !== before || undefined);
    for (const hours of [2, -HOURS_TO_RENEWAL, 3]) {
      await clock.set((HOURS_TO_RENEWAL + hours) * HOUR_MS);
      await untilRenewed(2);
    }
    expect(await world.keySecrets()).toHaveLength(3);
    await expectOneLeader();
    const scene = await Scene.of(world);
    await scene.sealAndApply({ a: '1' }, {}, { certificate: await world.served() });
    await scene.untilInSync({ a: '1' });
  });
});
