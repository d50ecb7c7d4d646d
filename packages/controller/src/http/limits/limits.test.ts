import type { SealedSecret } from '@fuin/crypto-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HttpScene, httpScene, post } from '../../testing/http-scene.ts';
import type { HttpDeps } from '../server.ts';

let scene: HttpScene;
let sealed: SealedSecret;

beforeAll(async () => {
  scene = await httpScene();
  ({ sealed } = scene);
});
afterEach(() => scene.close());

const server = (overrides?: Partial<HttpDeps>) => scene.server(overrides);

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
