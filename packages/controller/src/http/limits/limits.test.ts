import { once } from 'node:events';
import { Agent, type ClientRequest, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { KeyRing } from '@fuin/crypto-core';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { watchedKey } from '../../../../../test/support/watched-key.ts';
import { httpScene, post } from '../../testing/http-scene.ts';
import type { HttpDeps } from '../server.ts';

const scene = await httpScene();
const { sealed } = scene;
afterEach(() => scene.close());

const server = (overrides?: Partial<HttpDeps>) => scene.server(overrides);

const connectionsOf = (app: ReturnType<typeof server>) =>
  new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)));

describe('limits', () => {
  it.each(['/v1/verify', '/v1/rotate'])('refuses more than 3 MiB at %s', async (url) => {
    const answer = await post(server(), url, 'x'.repeat(3 * 1024 * 1024 + 1));
    expect(answer).toMatchObject({ statusCode: 413, body: '' });
  });
  it.each(['/v1/verify', '/v1/rotate'])(
    'limits the rate of each peer at %s, whatever X-Forwarded-For says',
    async (url) => {
      const config = { rateLimit: { perSecond: 2, burst: 2 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
      const app = server({ config });
      const codes: number[] = [];
      for (let count = 0; count < 4; count++) {
        const answer = await post(app, url, sealed, { 'x-forwarded-for': `10.0.0.${count}` });
        codes.push(answer.statusCode);
        expect(answer.headers['x-ratelimit-limit']).toBe('3');
        if (answer.statusCode !== 429) continue;
        expect(answer.body).toBe('limit exceeded\n');
        expect(answer.headers['retry-after']).toBe('1');
        expect(Number(answer.headers['retry-after-ms'])).toBeGreaterThan(0);
        expect(Number(answer.headers['retry-after-ms'])).toBeLessThanOrEqual(500);
      }
      expect(codes).toEqual([200, 200, 200, 429]);
      const other = await app.inject({
        method: 'POST',
        url,
        payload: JSON.stringify(sealed),
        remoteAddress: '10.9.9.9',
      });
      expect(other.statusCode).toBe(200);
    },
  );
  it('counts requests to both paths together', async () => {
    const config = { rateLimit: { perSecond: 2, burst: 2 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
    const app = server({ config });
    const codes: number[] = [];
    for (const url of ['/v1/verify', '/v1/rotate', '/v1/verify', '/v1/rotate'])
      codes.push((await post(app, url, sealed)).statusCode);
    expect(codes).toEqual([200, 200, 200, 429]);
  });
  it('counts the addresses of an IPv6 /64 together', async () => {
    const config = { rateLimit: { perSecond: 2, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
    const app = server({ config });
    const from = async (remoteAddress: string) =>
      (await app.inject({ method: 'POST', url: '/v1/verify', payload: '{}', remoteAddress })).statusCode;
    expect(await from('2001:db8:0:1::1')).toBe(500);
    expect(await from('2001:db8:0:1:2::1')).toBe(429);
    expect(await from('2001:db8:0:2::1')).toBe(500);
  });
  it.each(['/v1/verify', '/v1/rotate'])(
    'charges a peer of %s with the time for which it kept the thread, however it ended',
    async (url) => {
      for (const [payload, pieces] of [
        ['{', 1],
        [sealed, url === '/v1/verify' ? 2 : 3],
      ] as const) {
        const config = { rateLimit: { perSecond: 100, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
        let busyMs = 0;
        let nowMs = 0;
        const app = server({ config, nowMs: () => nowMs, busyMs: () => (busyMs += 120) });
        await post(app, url, payload);
        nowMs = 1_000 * pieces; // ten times what went beyond 20 ms, beside the request itself
        const refused = await post(app, url, payload);
        expect(refused.statusCode).toBe(429);
        nowMs += 10;
        expect((await post(app, url, payload)).statusCode).not.toBe(429);
      }
    },
  );
  it('says how many requests remain, and in whole seconds until when the peer has rested', async () => {
    const config = { rateLimit: { perSecond: 0.25, burst: 1 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
    const app = server({ config, nowMs: () => 500.5 });
    const said = [];
    for (let count = 0; count < 3; count++) {
      const { statusCode, headers } = await post(app, '/v1/verify', sealed);
      const of = (name: string) => headers[name] ?? 'none';
      said.push([statusCode, of('x-ratelimit-remaining'), of('x-ratelimit-reset'), of('retry-after')]);
    }
    expect(said).toEqual([
      [200, '1', '4', 'none'],
      [200, '0', '8', 'none'],
      [429, '0', '8', '4'],
    ]);
  });
  it('has one rate for bulk requests, and another for the rest', async () => {
    const config = { rateLimit: { perSecond: 2, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
    const app = server({ config });
    const codes: number[] = [];
    for (const url of ['/v1/bulk/verify', '/v1/bulk/rotate', '/v1/verify', '/v1/rotate'])
      codes.push((await post(app, url, url.includes('bulk') ? { items: [] } : sealed)).statusCode);
    expect(codes).toEqual([200, 429, 200, 429]);
  });
  it.each(['/v1/verify', '/v1/bulk/verify'])(
    'charges a peer of %s with its time on the thread in both rates',
    async (url) => {
      const config = { rateLimit: { perSecond: 100, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
      let busyMs = 0;
      let nowMs = 0;
      const app = server({ config, nowMs: () => nowMs, busyMs: () => (busyMs += 120) });
      const codes = () =>
        Promise.all(
          ['/v1/verify', '/v1/bulk/verify'].map(async (each) => (await post(app, each, '{')).statusCode),
        );
      await post(app, url, '{');
      nowMs = 999; // ten times the 100 ms beyond what is free are not over
      expect(await codes()).toEqual([429, 429]);
      nowMs = 1_010;
      expect(await codes()).toEqual([500, 500]);
    },
  );
  it.each([
    ['/v1/verify', [429, 200]],
    ['/v1/bulk/verify', [200, 429]],
  ])(
    'charges a peer of %s with the time that its values took to open, in the rate of that kind',
    async (url, expected) => {
      const config = { rateLimit: { perSecond: 100, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
      let nowMs = 0;
      let openingMs = 600;
      const slow = watchedKey(scene.older.keyPair, () => {
        nowMs += openingMs;
      });
      const keys = { keyRing: KeyRing.of(slow), newest: scene.newest, offeredV2: [] };
      const app = server({ config, keys, nowMs: () => nowMs });
      const ask = (each: string) => post(app, each, each.includes('bulk') ? { items: [sealed] } : sealed);
      expect((await ask(url)).statusCode).toBe(200);
      openingMs = 0;
      nowMs += 599;
      const codes = [];
      for (const each of ['/v1/verify', '/v1/bulk/verify']) codes.push((await ask(each)).statusCode);
      expect(codes).toEqual(expected);
      nowMs += 1;
      expect((await ask(url)).statusCode).toBe(200);
    },
  );
  it.each([
    ['/v1/verify', 4, 409],
    ['/v1/bulk/verify', 2, 200],
  ])('lets a peer have so many requests to %s in progress: %i', async (url, places, code) => {
    const { promise: opened, resolve: tellOpened } = Promise.withResolvers<void>();
    const { promise: opening, resolve: finish } = Promise.withResolvers<void>();
    const { keyPair } = scene.older;
    const open = () => {
      tellOpened();
      return opening.then(() => null);
    };
    const slow = { ...watchedKey(keyPair, () => undefined), open };
    const app = server({ keys: { keyRing: KeyRing.of(slow), newest: scene.newest, offeredV2: [] } });
    const payload = JSON.stringify(url.includes('bulk') ? { items: [sealed] } : sealed);
    const ask = async (remoteAddress: string) =>
      (await app.inject({ method: 'POST', url, payload, remoteAddress })).statusCode;
    const asked = [...Array.from({ length: places + 1 }, () => '192.0.2.1'), '192.0.2.2'].map(ask);
    await opened; // by then, all have arrived
    finish();
    const accepted = Array.from({ length: places }, () => code);
    expect(await Promise.all(asked)).toEqual([...accepted, 503, code]);
  });
  it('opens nothing for a peer that has gone before its turn', async () => {
    const { promise: opening, resolve: finish } = Promise.withResolvers<void>();
    const { keyPair } = scene.older;
    let opened = 0;
    const open: typeof keyPair.open = async (...value) => {
      opened += 1;
      await opening;
      return keyPair.open(...value);
    };
    const slow = { ...watchedKey(keyPair, () => undefined), open };
    const app = server({ keys: { keyRing: KeyRing.of(slow), newest: scene.newest, offeredV2: [] } });
    let arrived = 0;
    app.server.on('request', () => (arrived += 1));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const send = () => {
      const sending = request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/verify' });
      sending.on('error', () => undefined).end(JSON.stringify(sealed));
      return sending;
    };
    const statusOf = async (sending: ClientRequest) => (await once(sending, 'response'))[0].statusCode;
    const first = statusOf(send());
    await expect.poll(() => opened).toBe(1);
    const gone = send();
    await expect.poll(() => arrived).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 20)); // now its body was read, and it waits
    gone.destroy();
    await expect.poll(async () => connectionsOf(app)).toBe(1);
    finish();
    expect(await first).toBe(200);
    expect(await statusOf(send())).toBe(200);
    expect(opened).toBe(2);
  });
  it('has no place for a bulk request while other requests hold all', async () => {
    const { promise: opening, resolve: finish } = Promise.withResolvers<void>();
    const { keyPair } = scene.older;
    const slow = { ...watchedKey(keyPair, () => undefined), open: () => opening.then(() => null) };
    const app = server({ keys: { keyRing: KeyRing.of(slow), newest: scene.newest, offeredV2: [] } });
    const ask = async (url: string, payload: unknown, remoteAddress: string) =>
      app.inject({ method: 'POST', url, payload: JSON.stringify(payload), remoteAddress });
    const held = ['192.0.2.1', '192.0.2.2'].flatMap((peer) =>
      Array.from({ length: 4 }, () => ask('/v1/verify', sealed, peer)),
    );
    const bulk = () => ask('/v1/bulk/verify', { items: [] }, '192.0.2.3');
    await expect.poll(async () => (await bulk()).statusCode).toBe(503);
    finish();
    expect((await Promise.all(held)).map(({ statusCode }) => statusCode)).toEqual(held.map(() => 409));
    expect((await bulk()).statusCode).toBe(200);
  });
  it('leaves nothing behind on a connection that is used again', async () => {
    const app = server();
    const sockets: Socket[] = [];
    app.server.on('connection', (socket) => sockets.push(socket));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = async () => {
      const sending = request({ agent, port, host: '127.0.0.1', method: 'POST', path: '/v1/verify' });
      sending.end(JSON.stringify(sealed));
      const [answer] = await once(sending, 'response');
      await once(answer.resume(), 'end');
      return sockets.map((socket) => socket.listenerCount('close'));
    };
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(await ask()).toEqual(first);
    expect(sockets).toHaveLength(1);
  });
  it('has the time limits that the flags name', () => {
    const config = { rateLimit: { perSecond: 1, burst: 0 }, readTimeoutMs: 7_000, writeTimeoutMs: 9_000 };
    expect(server({ config }).server).toMatchObject({ requestTimeout: 7_000, timeout: 9_000 });
  });
  it('does not limit the certificate', async () => {
    const app = server({
      config: { rateLimit: { perSecond: 1, burst: 0 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 },
    });
    for (let count = 0; count < 5; count++) expect((await app.inject('/v1/cert.pem')).statusCode).toBe(200);
  });
});
