import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiClient, apiClient } from '../../../support/api/api-client.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from '../../../support/cluster/embedded-cluster.ts';

let cluster: EmbeddedCluster;
let client: ApiClient;
const path = '/api/v1/namespaces/default/configmaps';
let count = 0;

const newName = (): string => {
  count += 1;
  return `c${count}`;
};
const create = (name = newName()) => client.create(path, { metadata: { name } });
const version = async (): Promise<string> => (await client.list(path)).metadata.resourceVersion;
const watchFromNow = async () => client.watch(`${path}?resourceVersion=${await version()}`);

beforeAll(async () => {
  cluster = await startEmbeddedCluster();
  client = await apiClient(cluster.adminKubeconfig);
});
afterAll(async () => {
  client.close();
  await cluster.stop();
});
afterEach(() => cluster.apiServer.faults.clear());

describe('request faults', () => {
  it.each([409, 429, 500, 503] as const)('answers %d as often as asked', async (code) => {
    cluster.apiServer.faults.onRequest(
      { verb: 'list', resource: 'configmaps' },
      { action: 'answer', code, retryAfterSeconds: 2 },
      1,
    );
    const answer = await client.request('GET', path);
    expect(answer.code).toBe(code);
    expect(answer.headers['retry-after']).toBe('2');
    expect((await client.request('GET', path)).code).toBe(200);
  });

  it('resets before a write is applied', async () => {
    const name = newName();
    cluster.apiServer.faults.onRequest({ verb: 'create' }, { action: 'reset', when: 'before' }, 1);
    await expect(create(name)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await client.request('GET', `${path}/${name}`)).code).toBe(404);
  });

  it('resets after a write was applied', async () => {
    const name = newName();
    cluster.apiServer.faults.onRequest({ verb: 'create' }, { action: 'reset', when: 'after' }, 1);
    await expect(create(name)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await client.request('GET', `${path}/${name}`)).code).toBe(200);
  });

  it('leaves other requests alone', async () => {
    cluster.apiServer.faults.onRequest({ user: 'someone-else' }, { action: 'answer', code: 500 });
    expect((await client.request('GET', path)).code).toBe(200);
  });

  it('never answers while half open', async () => {
    cluster.apiServer.faults.isHalfOpen = true;
    const answer = client.request('GET', path).then(() => 'answered');
    const silence = new Promise((resolve) => setTimeout(resolve, 100, 'silence'));
    expect(await Promise.race([answer.catch(() => 'closed'), silence])).toBe('silence');
    cluster.apiServer.resetConnections();
    await expect(answer).rejects.toThrow();
  });
});

describe('watch faults', () => {
  it('drops, duplicates, delays and reorders events', async () => {
    const { faults } = cluster.apiServer;
    const watch = await watchFromNow();
    faults.onWatchEvent({ kind: 'ConfigMap', nth: 1 }, { action: 'drop' });
    faults.onWatchEvent({ kind: 'ConfigMap', nth: 1 }, { action: 'duplicate' });
    faults.onWatchEvent({ kind: 'ConfigMap', nth: 1 }, { action: 'reorder' });
    faults.onWatchEvent({ kind: 'ConfigMap', nth: 2 }, { action: 'delay', delayMs: 50 });
    const names = ['dropped', 'doubled', 'late', 'early', 'last'];
    for (const name of names) await create(name);
    const events = await watch.until(({ object }) => object.metadata.name === 'last');
    watch.close();
    expect(events.map(({ object }) => object.metadata.name)).toEqual([
      'doubled',
      'doubled',
      'early',
      'late',
      'last',
    ]);
  });

  it('closes every watch', async () => {
    const watch = await watchFromNow();
    expect(cluster.apiServer.openWatches()).toBe(1);
    cluster.apiServer.closeWatches();
    expect(await watch.next()).toBeUndefined();
  });

  it('expires old versions, by event or by status', async () => {
    const old = await version();
    await create();
    cluster.apiServer.compact();
    const watch = await client.watch(`${path}?resourceVersion=${old}`);
    expect(await watch.next()).toMatchObject({ type: 'ERROR', object: { reason: 'Expired', code: 410 } });
    expect(await watch.next()).toBeUndefined();
    cluster.apiServer.faults.expiredWatch = 'status';
    await expect(client.watch(`${path}?resourceVersion=${old}`)).rejects.toMatchObject({
      code: 410,
      reason: 'Expired',
    });
  });
});

describe('lists', () => {
  it('expire their continue token, which offers another', async () => {
    await create();
    await create();
    const first = await client.list(`${path}?limit=1`);
    await create();
    cluster.apiServer.compact();
    const answer = await client.request('GET', `${path}?limit=1&continue=${first.metadata.continue}`);
    expect(answer.body).toMatchObject({ code: 410, reason: 'Expired' });
    const rest = await client.list(
      `${path}?continue=${(answer.body.metadata as { continue?: string }).continue}`,
    );
    expect(rest.items.length).toBeGreaterThan(1);
  });

  it('can be stale', async () => {
    const name = newName();
    const undo = cluster.apiServer.faults.staleLists('configmaps');
    await create(name);
    const names = async () => (await client.list(path)).items.map(({ metadata }) => metadata.name);
    expect(await names()).not.toContain(name);
    undo();
    expect(await names()).toContain(name);
  });
});

describe('crash points', () => {
  it('call back after a write is applied and before it is answered', async () => {
    const name = newName();
    const seen: unknown[] = [];
    let isAnswered = false;
    cluster.apiServer.faults.onWrite(async (write) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      seen.push({ ...write, isAnswered });
    });
    await create(name);
    isAnswered = true;
    expect(seen).toMatchObject([
      {
        type: 'ADDED',
        kind: 'ConfigMap',
        namespace: 'default',
        name,
        isAnswered: false,
        request: { verb: 'create', user: 'admin' },
      },
    ]);
  });
});

describe('restart', () => {
  it('keeps port, objects and tokens', async () => {
    const name = newName();
    await create(name);
    const watch = await watchFromNow();
    await cluster.apiServer.restart();
    expect(await watch.next()).toBeUndefined();
    const again = await apiClient(cluster.adminKubeconfig);
    expect((await again.get(`${path}/${name}`)).metadata.name).toBe(name);
    again.close();
  });
});

describe('request log', () => {
  it('counts requests by what they ask for and who asks', async () => {
    cluster.apiServer.log.clear();
    await client.list(path);
    await create();
    expect(
      cluster.apiServer.log.count({ verb: 'list', resource: 'configmaps', user: 'admin', code: 200 }),
    ).toBe(1);
    expect(cluster.apiServer.log.count({ method: 'POST' })).toBe(1);
  });
});
