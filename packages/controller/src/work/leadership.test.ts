import { type ApiClient, fencedClient, type KubeObject } from '@fuin/kube/client';
import type { Logger } from '@fuin/kube/logger';
import { ApiFailure, apiError } from '@fuin/kube/transport';
import { createWorkQueue } from '@fuin/kube/workqueue';
import { describe, expect, it } from 'vitest';
import { createLeadership, type Leadership, leadersQueue } from './leadership.ts';

const SECRETS = { group: '', version: 'v1', plural: 'secrets' };
const quiet: Logger = { log: () => undefined };
const never = new AbortController().signal;

/** A switch in the place of an election. */
function manualLeadership(): Leadership & { set(isLeader: boolean): void } {
  let waiting: (() => void)[] = [];
  return {
    isLeader: false,
    set(isLeader) {
      Object.assign(this, { isLeader });
      if (isLeader) for (const resolve of waiting.splice(0)) resolve();
    },
    async whenLeading(stop) {
      while (!this.isLeader && !stop.aborted) {
        await new Promise<void>((resolve) => {
          waiting = [...waiting, resolve];
          stop.addEventListener('abort', () => resolve());
        });
      }
      return stop;
    },
    run: async () => undefined,
  };
}

/** An API server that keeps one Lease, or answers requests with a status, for ever or so many times. */
function leaseServer(status?: number, times = Number.POSITIVE_INFINITY, lease?: KubeObject): ApiClient {
  let left = times;
  const store = async (_: unknown, object: KubeObject) => {
    lease = object;
    return object;
  };
  const client = {
    get: async () => {
      if (status !== undefined && left-- > 0) throw apiError('no', new ApiFailure(status, 'Forbidden'));
      return lease;
    },
    create: store,
    replace: store,
  };
  return client as unknown as ApiClient; // the other calls are none of an election's
}

/** A client, and when it has been asked so many times for the Lease. */
function counted(client: ApiClient, times: number) {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  let gets = 0;
  const get: ApiClient['get'] = (...call) => {
    gets += 1;
    if (gets >= times) resolve();
    return client.get(...call);
  };
  return { client: { ...client, get }, asked };
}

const HELD_BY_ANOTHER: KubeObject = {
  metadata: { namespace: 'home', name: 'lease', resourceVersion: '1' },
  spec: { holderIdentity: 'pod-b', leaseDurationSeconds: 3600 },
};

/** A leadership by Leases of 150 ms, so that one asks again after 20 ms. */
function leadershipOf(client: ApiClient, isElected: boolean, changes: boolean[] = []): Leadership {
  return createLeadership({
    client,
    config: { isElected, leaseName: 'lease', leaseDurationMs: 150 },
    namespace: 'home',
    identity: 'pod-a',
    logger: quiet,
    onChange: (isLeader) => changes.push(isLeader),
  });
}

describe('leadersQueue', () => {
  it('hands out nothing before this replica leads, and everything after', async () => {
    const leadership = manualLeadership();
    const queue = leadersQueue(createWorkQueue(), leadership);
    queue.add({ namespace: 'blue', name: 'db' });
    let taken: unknown;
    const taking = queue.next().then((key) => {
      taken = key;
    });
    await new Promise(setImmediate);
    expect(taken).toBeUndefined();
    leadership.set(true);
    await taking;
    expect(taken).toEqual({ namespace: 'blue', name: 'db' });
  });
  it('returns a key that was taken while the term ended', async () => {
    const leadership = manualLeadership();
    const queue = leadersQueue(createWorkQueue(), leadership);
    leadership.set(true);
    const taking = queue.next();
    leadership.set(false);
    queue.add({ namespace: 'blue', name: 'db' });
    await new Promise(setImmediate);
    expect(queue.length).toBe(1);
    leadership.set(true);
    expect(await taking).toEqual({ namespace: 'blue', name: 'db' });
  });
  it('lets the workers of a replica that never led stop', async () => {
    const queue = leadersQueue(createWorkQueue(), manualLeadership());
    const taking = queue.next();
    queue.shutDown();
    expect(await taking).toBeUndefined();
  });
});

describe('createLeadership', () => {
  it('leads without end if there is no election', async () => {
    const changes: boolean[] = [];
    const leadership = leadershipOf(leaseServer(500), false, changes);
    await leadership.run(never);
    expect((await leadership.whenLeading(never)).aborted).toBe(false);
    expect([leadership.isLeader, changes]).toEqual([true, [true]]);
  });
  it("leads without election if rights like upstream's do not cover Leases", async () => {
    const stop = new AbortController();
    const leadership = leadershipOf(leaseServer(403), true);
    const running = leadership.run(stop.signal);
    await leadership.whenLeading(never);
    expect(leadership.isLeader).toBe(true);
    stop.abort();
    await running;
  });
  it.each([
    ['once, while its roles are on their way', 1, []],
    ['for longer than a Lease lasts', 20, [true, false]],
  ] as const)('takes part in the election after a server refused %s', async (_how, times, expected) => {
    const [changes, stop] = [[] as boolean[], new AbortController()];
    const { client, asked } = counted(leaseServer(403, times, HELD_BY_ANOTHER), times + 3);
    const leadership = leadershipOf(client, true, changes);
    const running = leadership.run(stop.signal);
    await asked;
    expect([leadership.isLeader, changes]).toEqual([false, expected]);
    stop.abort();
    await running;
  });
  it('continues without election while a server that refused it fails in other ways', async () => {
    const stop = new AbortController();
    const refusing = leaseServer(403, 12, HELD_BY_ANOTHER);
    const failing = leaseServer(500);
    let gets = 0;
    const get: ApiClient['get'] = (...call) => (++gets > 12 ? failing : refusing).get(...call);
    const { client, asked } = counted({ ...refusing, get }, 18);
    const leadership = leadershipOf(client, true);
    const running = leadership.run(stop.signal);
    await asked;
    expect(leadership.isLeader).toBe(true);
    stop.abort();
    await running;
  });
  it('takes a free Lease, and gives it back at the end', async () => {
    const [changes, stop] = [[] as boolean[], new AbortController()];
    const client = leaseServer();
    const leadership = leadershipOf(client, true, changes);
    const running = leadership.run(stop.signal);
    const term = await leadership.whenLeading(never);
    expect(leadership.isLeader).toBe(true);
    stop.abort();
    await running;
    expect([leadership.isLeader, term.aborted, changes]).toEqual([false, true, [true, false]]);
    const lease = await client.get(SECRETS, { namespace: 'home', name: 'lease' });
    expect(lease?.['spec']).toMatchObject({ holderIdentity: '' });
  });
});

describe('fencedClient', () => {
  it('refuses every write of a replica that does not lead', async () => {
    const client = fencedClient(leaseServer(), () => false);
    const object = { metadata: { namespace: 'blue', name: 'db' } };
    const key = { namespace: 'blue', name: 'db' };
    const writes = [
      client.create(SECRETS, object),
      client.replace(SECRETS, object),
      client.patch(SECRETS, key, {}),
      client.delete(SECRETS, key),
    ];
    const outcomes = await Promise.allSettled(writes);
    expect(outcomes).toEqual(
      writes.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'ERR_CONFLICT' }) })),
    );
    expect(await client.get(SECRETS, key)).toBeUndefined();
  });
});
