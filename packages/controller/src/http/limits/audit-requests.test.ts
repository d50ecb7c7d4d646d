import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../testing/audit-scene.ts';
import { type HttpScene, httpScene, post } from '../../testing/http-scene.ts';

let scene: HttpScene;

beforeAll(async () => {
  scene = await httpScene();
});
afterEach(() => scene.close());

/** A server with an audit log, and what the log says about its requests at the end. */
function audited(overrides: Parameters<HttpScene['server']>[0] = {}) {
  const { audit, lines } = auditLog();
  const app = scene.server({ audit, ...overrides });
  const requests = async () => {
    await audit.close();
    return lines()
      .filter(({ kind }) => kind === 'http.requests')
      .map(({ route, peer, code, count, objects }) => ({ route, peer, code, count, objects }));
  };
  return { app, requests };
}

describe('the audit log of requests', () => {
  it('tells which peer had what opened, and with which answer', async () => {
    const { app, requests } = audited();
    const moved = { ...scene.sealed, metadata: { namespace: 'blue', name: 'other' } };
    const ask = (payload: object, remoteAddress: string) =>
      app.inject({ method: 'POST', url: '/v1/verify', payload, remoteAddress });
    await ask(scene.sealed, '192.0.2.1');
    await ask(scene.sealed, '192.0.2.1');
    await ask(moved, '192.0.2.1');
    await ask(moved, '2001:db8::1');
    expect(await requests()).toEqual([
      { route: '/v1/verify', peer: '192.0.2.1', code: 200, count: 2 },
      { route: '/v1/verify', peer: '192.0.2.1', code: 409, count: 1 },
      { route: '/v1/verify', peer: expect.stringMatching(/^2001:0?db8:/), code: 409, count: 1 },
    ]);
  });
  it('tells the status of each object of a bulk request', async () => {
    const { app, requests } = audited();
    await post(app, '/v1/bulk/verify', { items: [scene.sealed, null, scene.sealed] });
    expect(await requests()).toEqual([
      { route: '/v1/bulk/verify', peer: '127.0.0.1', code: 200, count: 1, objects: { 200: 2, 500: 1 } },
    ]);
  });
  it('counts requests that are refused before they are read', async () => {
    const config = { rateLimit: { perSecond: 1, burst: 1 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 };
    const { app, requests } = audited({ config });
    for (let count = 0; count < 3; count++) await post(app, '/v1/rotate', scene.sealed);
    expect((await requests()).map(({ code, count }) => ({ code, count }))).toEqual([
      { code: 200, count: 2 },
      { code: 429, count: 1 },
    ]);
  });
  it('does not tell of requests that open nothing', async () => {
    const { app, requests } = audited();
    for (const url of ['/v1/cert.pem', '/healthz', '/elsewhere']) await app.inject(url);
    expect(await requests()).toEqual([]);
  });
});
