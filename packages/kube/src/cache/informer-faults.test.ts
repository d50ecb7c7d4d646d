import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  type EmbeddedCluster,
  startEmbeddedCluster,
} from '../../../../test/support/cluster/embedded-cluster.ts';
import { PATIENCE_MS } from '../../../../test/support/time/patience.ts';
import { findServer } from '../access/find-server.ts';
import { createApiClient } from '../client/client.ts';
import type { ApiClient, KubeObject, ObjectKey } from '../client/types.ts';
import { type MonotonicClock, systemClock } from '../time/clock.ts';
import { apiFailureOf } from '../transport/api-failure.ts';
import { createInformer } from './informer.ts';

const MAPS = { group: '', version: 'v1', plural: 'configmaps' };
const NAMESPACES = { group: '', version: 'v1', plural: 'namespaces' };
const SPEED = 100;
/** Time runs a hundred times as fast, so that backoff and silence take no time in tests. */
const fastClock: MonotonicClock = {
  now: () => systemClock.now() * SPEED,
  after: (delayMs, callback) => systemClock.after(delayMs / SPEED, callback),
};

let cluster: EmbeddedCluster;
let client: ApiClient;
let namespace: string;
let count = 0;

beforeAll(async () => {
  cluster = await startEmbeddedCluster({ bookmarkIntervalMs: 100 });
  client = createApiClient(await findServer({ kubeconfig: cluster.adminKubeconfig, env: {} }));
});

afterAll(async () => {
  await client.close();
  await cluster.stop();
});

beforeEach(async () => {
  count += 1;
  namespace = `faults-${count}`;
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
});

afterEach(() => cluster.apiServer.faults.clear());

const key = (name: string): ObjectKey => ({ namespace, name });
const map = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: key(name),
  data: { step: '1' },
});

function versions(objects: Iterable<KubeObject>): string[] {
  return Array.from(objects, ({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).sort();
}

/**
 * Follows the namespace until the test ends; counts the reported changes. Without patience, a machine that is
 * busy for a moment counts as a server that is silent, and changes meanwhile come as one.
 */
async function follow({ isPatient = false } = {}) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const faulty = createApiClient(await findServer({ kubeconfig: cluster.adminKubeconfig, env: {} }), {
    requestTimeoutMs: isPatient ? PATIENCE_MS : 300,
  });
  onTestFinished(() => faulty.close());
  let changes = 0;
  const informer = createInformer({
    ...{ client: faulty, resource: MAPS, query: { namespace }, pageSize: 3 },
    ...{ clock: isPatient ? systemClock : fastClock, idleLimitMs: 30_000, relistPeriodMs: 60_000 },
    onChange: () => {
      changes += 1;
    },
  });
  await informer.start(controller.signal);
  return { informer, changes: () => changes };
}

/** Repeats a write that broken connections swallowed; it may have been done already. */
async function surely(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; attempt < 100; attempt += 1) {
    const error: unknown = await write().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    const failure = apiFailureOf(error);
    if (error === undefined || (attempt > 1 && failure?.reason === 'AlreadyExists')) return;
    if (failure?.status !== 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('every connection broke');
}

/** Creates, changes, deletes and re-creates objects. */
async function work(): Promise<void> {
  const create = (name: string) => surely(() => client.create(MAPS, map(name)));
  const remove = (name: string) => surely(() => client.delete(MAPS, key(name)));
  const change = (name: string, step: string) =>
    surely(() => client.patch(MAPS, key(name), { data: { step } }));
  for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
  await change('a', '2');
  await remove('b');
  await remove('c');
  await create('c');
  await change('c', '3');
  await remove('d');
}

async function expectSameAsServer(lister: { list(): Iterable<KubeObject> }): Promise<void> {
  await vi.waitFor(
    async () => {
      const { items } = await client.list(MAPS, { namespace });
      expect(versions(lister.list())).toEqual(versions(items));
    },
    { timeout: PATIENCE_MS, interval: 20 },
  );
}

type Spoil = (server: EmbeddedCluster['apiServer']) => void;

describe('Informer on a server with faults', () => {
  it('follows a healthy server', async () => {
    const { informer, changes } = await follow({ isPatient: true });
    await work();
    await expectSameAsServer(informer.lister);
    expect(changes()).toBe(11);
  });

  const storms: [string, Spoil][] = [
    ['duplicates every event', ({ faults }) => void faults.onWatchEvent({}, { action: 'duplicate' })],
    ['swaps every other event', ({ faults }) => void faults.onWatchEvent({}, { action: 'reorder' })],
    ['delays every event', ({ faults }) => void faults.onWatchEvent({}, { action: 'delay', delayMs: 5 })],
    ['loses an event', ({ faults }) => void faults.onWatchEvent({ nth: 4 }, { action: 'drop' })],
    ['loses a deletion', ({ faults }) => void faults.onWatchEvent({ type: 'DELETED' }, { action: 'drop' })],
    ['lists stale', ({ faults }) => void faults.staleLists('configmaps')],
    ['resets connections', (server) => server.resetConnections()],
    ['ends its watches', (server) => server.closeWatches()],
    [
      'expires its past',
      (server) => {
        server.compact();
        server.closeWatches();
      },
    ],
    [
      'expires its past, reported by status',
      (server) => {
        server.faults.expiredWatch = 'status';
        server.compact();
        server.closeWatches();
      },
    ],
    [
      'answers 429, 500 and 503',
      (server) => {
        const match = { resource: 'configmaps', namespace };
        for (const verb of ['watch', 'list']) {
          const code = 429;
          server.faults.onRequest({ ...match, verb }, { action: 'answer', code, retryAfterSeconds: 1 }, 3);
          server.faults.onRequest({ ...match, verb }, { action: 'answer', code: 500 }, 3);
          server.faults.onRequest({ ...match, verb }, { action: 'answer', code: 503 }, 3);
        }
        server.resetConnections();
      },
    ],
    [
      'does not answer',
      (server) => {
        server.faults.onRequest({ resource: 'configmaps', verb: 'watch' }, { action: 'hang' }, 2);
        server.closeWatches();
      },
    ],
  ];

  it.each(storms)('ends in the same state when the server %s', async (_what, spoil) => {
    const { informer } = await follow();
    await surely(() => client.create(MAPS, map('before')));
    spoil(cluster.apiServer);
    await work();
    spoil(cluster.apiServer);
    await surely(() => client.delete(MAPS, key('before')));
    cluster.apiServer.faults.clear();
    await expectSameAsServer(informer.lister);
  });

  it('notices a half-open server and comes back', async () => {
    const { informer } = await follow();
    await work();
    cluster.apiServer.faults.isHalfOpen = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
    cluster.apiServer.faults.isHalfOpen = false;
    await surely(() => client.create(MAPS, map('after')));
    await expectSameAsServer(informer.lister);
  });

  it('survives a restart of the server', async () => {
    const { informer } = await follow();
    await work();
    await cluster.apiServer.restart(200);
    await surely(() => client.create(MAPS, map('after')));
    await expectSameAsServer(informer.lister);
  });
});
