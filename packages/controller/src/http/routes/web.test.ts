import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { httpScene } from '../../testing/http-scene.ts';

const POLICY = "default-src 'none'; script-src 'sha256-x'";
const HTML = `<meta http-equiv="content-security-policy" content="${POLICY}">a page`;

const scene = await httpScene();
afterEach(() => scene.close());

const server = (readPage: () => Promise<string> = async () => HTML) => scene.server({ readPage });

describe('/web/', () => {
  it('does not exist unless it is asked for', async () => {
    expect((await scene.server().inject('/web/')).statusCode).toBe(404);
  });
  it('gives the page under its own policy, which also forbids to frame it', async () => {
    const answer = await server().inject('/web/');
    expect(answer).toMatchObject({ statusCode: 200, body: HTML });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `${POLICY}; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });
  it.each(['', '<meta http-equiv="refresh" content="0">a page'])(
    'gives no page that has no policy: %j',
    async (html) => {
      const answer = await server(async () => html).inject('/web/');
      expect(answer).toMatchObject({ statusCode: 500, body: '' });
    },
  );
  it('compresses it for those who can read that', async () => {
    const answer = await server().inject({ url: '/web/', headers: { 'accept-encoding': 'br, gzip' } });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.rawPayload).toString()).toBe(HTML);
  });
  it.each([
    ['GET', '/web'],
    ['GET', '/web/index.html'],
    ['GET', '/web/../v1'],
    ['GET', '/web//'],
    ['POST', '/web/'],
    ['DELETE', '/web/'],
  ] as const)('is the only route: %s %s does not exist', async (method, url) => {
    expect((await server().inject({ method, url })).statusCode).toBe(404);
  });
  it('is read when it is first asked for, once, and again after a failure', async () => {
    let reads = 0;
    const app = server(async () => {
      reads += 1;
      if (reads === 1) throw new Error('the disk is gone');
      return HTML;
    });
    expect(reads).toBe(0);
    expect(await app.inject('/web/')).toMatchObject({ statusCode: 500, body: '' });
    for (let count = 0; count < 3; count += 1) expect((await app.inject('/web/')).statusCode).toBe(200);
    expect(reads).toBe(2);
  });
  it('has a rate of its own, which costs verify and rotate nothing', async () => {
    const app = server();
    const codes: number[] = [];
    for (let count = 0; count < 12; count += 1) codes.push((await app.inject('/web/')).statusCode);
    expect(codes).toEqual([...Array(11).fill(200), 429]);
    expect((await app.inject('/v1/cert.pem')).statusCode).toBe(200);
    expect((await app.inject({ method: 'POST', url: '/v1/verify', payload: 'x' })).statusCode).not.toBe(429);
  });
});
