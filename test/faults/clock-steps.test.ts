import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EmbeddedCluster, startEmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { storeKey, testKey } from '../support/cluster/key-secret.ts';
import { Scene } from '../support/faults/scene.ts';
import { Stage } from '../support/faults/stage.ts';
import type { ControllerProcess } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { Load } from './load.ts';
import { WallClock } from './wall-clock.ts';

const HOUR_MS = 3_600_000;
const OBJECTS = 24;
/** Two passes, each with a read, a write, a status and an event, and retries while the leader makes sure of its Lease. */
const REQUESTS_PER_OBJECT = 20;
const LEASE = 'sealed-secrets-controller';
const ARGS = ['--leader-elect-lease-duration=3s'];
/** The key is ten days old; the next is due when it is thirty. */
const HOURS_TO_RENEWAL = 24 * 20;

let clock: WallClock;
let stage: Stage<EmbeddedCluster>;
let standby: ControllerProcess;

beforeAll(async () => {
  clock = await WallClock.create();
  stage = await Stage.on(await startEmbeddedCluster(), { args: ARGS, env: clock.env });
  await untilRenewed(1);
  standby = await stage.startReplica({ NODE_OPTIONS: '' }); // its clock stays right
});
beforeEach(() => clock.set(0));
afterAll(async () => {
  await standby?.kill();
  await stage?.close();
  await clock?.close();
});

async function lease() {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${stage.home}/leases/${LEASE}`;
  const { body } = await stage.client.request('GET', path);
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
  stage.cluster.apiServer.log.entries
    .slice(from)
    .filter(({ user, resource }) => user === stage.user && resource !== 'leases');

async function expectOneLeader(): Promise<void> {
  expect((await lease()).spec).toMatchObject({
    holderIdentity: `${stage.home}-controller`,
    leaseTransitions: 0,
  });
  expect(await standby.logs()).not.toContain('leading');
}

const served = async () => (await fetch(`${stage.controller.httpUrl}/v1/cert.pem`)).text();

describe('the wall clock of the leader is set', () => {
  it.each([
    ['forward by six hours', [6]],
    ['back by six hours', [-6]],
    ['again and again', [6, -6, 0, 48, -48, 1, -1]],
  ])('%s, and work goes on under the same leader', async (_what, hours) => {
    const { apiServer } = stage.cluster;
    const scene = await Scene.on(stage);
    const load = await Load.prepare(scene, OBJECTS);
    const from = apiServer.log.entries.length;
    const busy = { user: stage.user, verb: 'create', resource: 'secrets', namespace: scene.namespace };
    apiServer.faults.onRequest(busy, { action: 'answer', code: 503 }, OBJECTS); // what waits for a retry meets a step too
    const playing = load.play();
    for (const each of hours) {
      await clock.set(each * HOUR_MS);
      await untilRenewed(1);
    }
    await playing;
    await load.untilInLine();
    await expectOneLeader();
    expect(requestsSince(from).length).toBeLessThan(OBJECTS * REQUESTS_PER_OBJECT);
    expect(await stage.countKeys()).toBe(1);
  });

  it('and nothing is done where nothing is to be done', async () => {
    await untilRenewed(2);
    const from = stage.cluster.apiServer.log.entries.length;
    for (const hours of [12, -12, 0]) {
      await clock.set(hours * HOUR_MS);
      await untilRenewed(2);
    }
    expect(requestsSince(from)).toEqual([]);
    await expectOneLeader();
  });

  it('and peers are limited by the time that passed', async () => {
    const verify = async () =>
      (await fetch(`${stage.controller.httpUrl}/v1/verify`, { method: 'POST', body: '{}' })).status;
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
    const before = await served();
    await clock.set((HOURS_TO_RENEWAL + 1) * HOUR_MS);
    // it looks once an hour, and when keys change
    await storeKey(stage.client, stage.home, { key: await testKey('b', 40), name: 'key-b' });
    await eventually('the new key', async () => (await served()) !== before || undefined);
    for (const hours of [2, -HOURS_TO_RENEWAL, 3]) {
      await clock.set((HOURS_TO_RENEWAL + hours) * HOUR_MS);
      await untilRenewed(2);
    }
    expect(await stage.countKeys()).toBe(3);
    await expectOneLeader();
    const scene = await Scene.on(stage);
    await scene.sealAndApply('db', { texts: { a: '1' }, certificate: await served() });
    await scene.untilInLine('db', { a: '1' });
  });
});
