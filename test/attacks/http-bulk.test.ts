import { connect } from 'node:net';
import {
  API_VERSION,
  encodeBase64,
  generateKeyPair,
  type Key,
  KeyRing,
  type SealedSecret,
  sealSecret,
} from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { watchedKey } from '../support/watched-key.ts';
import { DEFAULT_RATE, type TestApi, testApi } from './http-server.ts';

const MIB = 1_048_576;
const UNLIMITED = { perSecond: 1e6, burst: 1e6 };
const ROUTES = ['verify', 'rotate'] as const;
const CLUSTER_WIDE = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };

function sealedFor(api: Pick<TestApi, 'keyPair'>, count = 1): Promise<SealedSecret> {
  const stringData = Object.fromEntries(Array.from({ length: count }, (_, at) => [`i${at}`, 'v']));
  const metadata = { name: 'x', namespace: 'n' };
  return sealSecret({ apiVersion: 'v1', kind: 'Secret', metadata, stringData }, api.keyPair);
}

function bulk(
  { app }: TestApi,
  route: (typeof ROUTES)[number],
  items: readonly unknown[],
  from = '10.0.0.1',
) {
  const payload = JSON.stringify({ items });
  return app.inject({ method: 'POST', url: `/v1/bulk/${route}`, payload, remoteAddress: from });
}

const resultsOf = ({ body }: { readonly body: string }) =>
  (JSON.parse(body) as { readonly results: readonly object[] }).results;

/** Ways of failing that nobody may tell apart. */
async function failures(api: TestApi): Promise<SealedSecret[]> {
  const good = await sealedFor(api);
  const [text = ''] = Object.values(good.spec.encryptedData);
  const bytes = Buffer.from(text, 'base64');
  const withValue = (value: string) => ({ ...good, spec: { encryptedData: { i0: value } } });
  const flipped = (at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return withValue(copy.toString('base64'));
  };
  const template = { data: { x: '{{ fail .i0 }}' } };
  return [
    ...[20, 2 + 256, bytes.length - 1].map(flipped),
    ...['AAAA', '!', ''].map(withValue),
    { ...good, metadata: { ...good.metadata, name: 'y' } },
    { ...good, metadata: { ...good.metadata, namespace: 'm' } },
    { ...good, metadata: { ...good.metadata, annotations: CLUSTER_WIDE } },
    { ...flipped(20), spec: { ...flipped(20).spec, template } },
  ];
}

describe('bulk requests', () => {
  it.each(ROUTES)('%s answers every way of failing alike, as the single route does', async (route) => {
    const api = await testApi(UNLIMITED);
    const items = await failures(api);
    const single = await api.app.inject({
      method: 'POST',
      url: `/v1/${route}`,
      payload: JSON.stringify(items[0]),
    });
    const answer = await bulk(api, route, items);
    await api.app.close();
    expect(resultsOf(answer)).toEqual(items.map(() => ({ status: single.statusCode })));
  });

  it('render no template, take no scope from one and open no legacy envelope for rotate', async () => {
    const api = await testApi(UNLIMITED);
    const good = await sealedFor(api);
    const annotations = CLUSTER_WIDE;
    const template = { data: { b: '{{ fail .i0 }}' }, metadata: { annotations } };
    const templated = { ...good, spec: { ...good.spec, template } };
    const legacy = { ...good, spec: { data: Object.values(good.spec.encryptedData)[0], encryptedData: {} } };
    const [rotated, refused] = resultsOf(await bulk(api, 'rotate', [templated, legacy]));
    await api.app.close();
    expect(rotated).toMatchObject({
      status: 200,
      sealedSecret: { metadata: { name: 'x', namespace: 'n' }, spec: { template } },
    });
    expect(rotated).not.toHaveProperty('sealedSecret.metadata.annotations');
    expect(refused).toEqual({ status: 500 });
  });

  it('write nothing about what they were asked', async () => {
    const api = await testApi(UNLIMITED);
    const metadata = { name: 'canary', namespace: 'canary' };
    const object = { apiVersion: API_VERSION, kind: 'SealedSecret', metadata };
    for (const route of ROUTES)
      await bulk(api, route, [{ ...object, spec: { encryptedData: { canary: 'AAAA' } } }, { canary: 1 }]);
    await api.app.close();
    expect(api.lines.join('')).not.toContain('canary');
  });
});

describe('a bulk body', () => {
  it.each([
    ['100,000 objects', `{"items":[${Array(100_000).fill('{}').join(',')}]}`, 500],
    ['more objects than it may hold', `{"items":[${Array(1_025).fill('{}').join(',')}]}`, 413],
    ['lists in lists', `{"items":${'['.repeat(200_000)}`, 500],
    ['3 MiB of text', `{"items":["${'x'.repeat(3 * MIB - 1_000)}"]}`, 200],
    ['more than 3 MiB', `{"items":["${'x'.repeat(3 * MIB)}"]}`, 413],
  ])('of %s opens nothing and is answered at once', async (_what, payload, status) => {
    let trials = 0;
    const api = await testApi(UNLIMITED, (own) => KeyRing.of(watchedKey(own, () => void trials++)));
    const answer = await api.app.inject({ method: 'POST', url: '/v1/bulk/verify', payload });
    await api.app.close();
    expect({ status: answer.statusCode, trials }).toEqual({ status, trials: 0 });
    expect(answer.body).toBe(status === 200 ? '{"results":[{"status":500}]}' : '');
  });

  it('causes no more RSA operations than a bound, however many objects and keys there are', async () => {
    const others = await Promise.all([1, 2, 3].map(() => generateKeyPair(2048)));
    let operations = 0;
    const counting = (key: Key) => watchedKey(key, () => void operations++);
    const api = await testApi(UNLIMITED, (own) => KeyRing.of(...[own, ...others].map(counting)));
    const garbage = encodeBase64(Uint8Array.from([1, 0, ...new Uint8Array(272)]));
    const object = { ...(await sealedFor(api)), spec: { encryptedData: { a: garbage, b: garbage } } };
    await bulk(api, 'verify', Array(1_000).fill(object));
    await api.app.close();
    expect(operations).toBeGreaterThanOrEqual(1_000);
    expect(operations).toBeLessThan(1_100);
  });
});

describe('a peer that sends batches', () => {
  it('has the thread for a tenth of the time, single requests counted too', async () => {
    const { app, clock } = await testApi();
    clock.workMs = 400;
    let allowed = 0;
    for (; clock.nowMs < 100_000; clock.nowMs += 500) {
      const url = ['/v1/bulk/verify', '/v1/verify', '/v1/bulk/rotate'][allowed % 3] ?? '';
      const { statusCode } = await app.inject({ method: 'POST', url, payload: '{' });
      if (statusCode !== 429) allowed += 1;
    }
    await app.close();
    expect((allowed * clock.workMs) / clock.nowMs).toBeLessThan(0.11); // and a burst of each kind
  });

  it('waits after a batch, of which all turns count, as after a large object', async () => {
    let advance = (): void => undefined;
    const api = await testApi(DEFAULT_RATE, (own) => KeyRing.of(watchedKey(own, () => advance())));
    const { app, clock } = api;
    advance = () => {
      clock.nowMs += 20;
    };
    const items = Array(100).fill(await sealedFor(api)); // two seconds, in turns of which each is shorter
    let opened = 0;
    const startMs = clock.nowMs;
    for (; clock.nowMs - startMs < 60_000; clock.nowMs += 500) {
      if ((await bulk(api, 'verify', items)).statusCode === 200) opened += 1;
    }
    await app.close();
    expect(opened).toBeGreaterThan(5);
    expect(opened * 100 * 20).toBeLessThanOrEqual((clock.nowMs - startMs) * 0.75);
  });

  it.each([
    ['another peer', '10.0.0.2'],
    ['another user behind the same API server', '10.0.0.1'],
  ])('does not keep a single verify of %s waiting until they end', async (_who, address) => {
    let single: Promise<{ readonly statusCode: number }> | undefined;
    let trials = 0;
    let trialsAtAnswer = 0;
    const api = await testApi(DEFAULT_RATE, (own) =>
      KeyRing.of(
        watchedKey(own, () => {
          trials += 1;
          if (trials === 10) single = ask();
        }),
      ),
    );
    const payload = JSON.stringify(await sealedFor(api));
    const ask = () =>
      api.app
        .inject({ method: 'POST', url: '/v1/verify', payload, remoteAddress: address })
        .then((answer) => {
          trialsAtAnswer = trials;
          return answer;
        });
    const items = Array(1_000).fill(await sealedFor(api));
    const batches = [1, 2, 3].map(() => bulk(api, 'verify', items));
    const statuses = (await Promise.all(batches)).map(({ statusCode }) => statusCode).sort();
    const answer = await single;
    await api.app.close();
    expect(statuses).toEqual([200, 200, 503]); // two batches of a peer at once
    expect(answer?.statusCode).toBe(200);
    expect(trialsAtAnswer).toBeLessThan(400); // a few turns of 64
  });

  it('loses its turns when it has gone', async () => {
    let trials = 0;
    const api = await testApi(UNLIMITED, (own) => KeyRing.of(watchedKey(own, () => void trials++)));
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as { port: number };
    const payload = JSON.stringify({ items: Array(1_000).fill(await sealedFor(api, 2)) });
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(
      `POST /v1/bulk/verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${payload.length}\r\n\r\n${payload}`,
    );
    await expect.poll(() => trials, { interval: 1 }).toBeGreaterThan(0);
    socket.destroy();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/verify`, {
      method: 'POST',
      body: JSON.stringify(await sealedFor(api)),
    });
    await api.app.close();
    expect(answer.status).toBe(200);
    expect(trials).toBeLessThan(2_000);
    expect(api.lines.join('')).not.toContain('request failed');
  });

  it('and sends them slowly, leaves places for single requests', async () => {
    const api = await testApi(UNLIMITED);
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as { port: number };
    const refusals: string[] = [];
    const sockets = [1, 2, 3, 4, 5, 6].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    for (const socket of sockets) {
      socket.on('data', (answer) => void refusals.push(String(answer).slice(9, 12)));
      socket.write('POST /v1/bulk/rotate HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n{"items":[');
    }
    await expect.poll(() => refusals).toEqual(['503', '503', '503', '503']);
    const body = JSON.stringify(await sealedFor(api));
    const answer = await fetch(`http://127.0.0.1:${port}/v1/verify`, { method: 'POST', body });
    for (const socket of sockets) socket.destroy();
    await api.app.close();
    expect(answer.status).toBe(200);
  });
});
