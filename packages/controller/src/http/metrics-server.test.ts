import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildMetricsServer } from './metrics-server.ts';

const servers: FastifyInstance[] = [];
const sockets: Socket[] = [];
const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((each) => each.close()));
});

function server({ readTimeoutMs = 60_000, text = 'up 1\n' } = {}) {
  const state = { renderings: 0 };
  const metrics = async () => {
    state.renderings += 1;
    return text;
  };
  const app = buildMetricsServer({
    registry: { contentType: TYPE, metrics },
    config: { readTimeoutMs, writeTimeoutMs: 9_000 },
    nowMs: () => 0,
    busyMs: () => 0,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  servers.push(app);
  return Object.assign(app, { state });
}

async function listening(options: Parameters<typeof server>[0] = {}) {
  const app = server(options);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, port: (app.server.address() as { port: number }).port };
}

/** Sends text on a connection of its own; what it hears until the connection ends. */
async function heardUntilClosed(port: number, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  sockets.push(socket);
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  socket.write(text);
  await once(socket, 'close');
  return heard;
}

describe('/metrics', () => {
  it('answers GET and HEAD', async () => {
    const get = await server().inject('/metrics');
    expect(get).toMatchObject({ statusCode: 200, body: 'up 1\n', headers: { 'content-type': TYPE } });
    expect(await server().inject({ method: 'HEAD', url: '/metrics' })).toMatchObject({ statusCode: 200 });
  });
  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND'])('does not answer %s', async (method) => {
    const app = server();
    const answer = await app.inject({ method: method as 'POST', url: '/metrics', payload: 'x' });
    expect(answer).toMatchObject({ statusCode: 405, headers: { allow: 'GET, HEAD', connection: 'close' } });
    expect(app.state.renderings).toBe(0);
  });
  it.each(['content-length: 900', 'transfer-encoding: chunked'])(
    'refuses a body, %s, before it comes, and ends the connection',
    async (header) => {
      const { app, port } = await listening();
      const heard = await heardUntilClosed(port, `GET /metrics HTTP/1.1\r\nhost: x\r\n${header}\r\n\r\n1`);
      expect(heard).toMatch(/^HTTP\/1.1 400 /);
      expect(app.state.renderings).toBe(0);
    },
  );
  it('is the only path', async () => {
    expect(await server().inject({ method: 'POST', url: '/', payload: '{' })).toMatchObject({
      statusCode: 404,
      body: '404 page not found\n',
    });
  });
  it('is rendered once for all who ask at the same time', async () => {
    const app = server();
    const peers = Array.from({ length: 4 }, (_, index) => `192.0.2.${index}`);
    const asked = peers.flatMap((remoteAddress) =>
      Array.from({ length: 4 }, () => app.inject({ url: '/metrics', remoteAddress })),
    );
    const answers = await Promise.all(asked);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect(app.state.renderings).toBe(1);
  });
});

describe('the limits of the metrics port', () => {
  it('are those of the flags', () => {
    expect(server({ readTimeoutMs: 7_000 }).server).toMatchObject({ requestTimeout: 7_000, timeout: 9_000 });
    expect(server().server.maxConnections).toBe(512);
  });
  it('give a peer a rate that a pair of Prometheus servers never reaches', async () => {
    const app = server();
    const codes: number[] = [];
    for (let count = 0; count < 102; count++) codes.push((await app.inject('/metrics')).statusCode);
    expect(codes.indexOf(429)).toBe(101);
    expect((await app.inject({ url: '/metrics', remoteAddress: '192.0.2.1' })).statusCode).toBe(200);
  });
  it('give one peer at most four answers in progress, and leave room for others', async () => {
    const app = server();
    const ask = (remoteAddress: string) => app.inject({ url: '/metrics', remoteAddress });
    const own = Array.from({ length: 5 }, () => ask('192.0.2.1'));
    const others = Array.from({ length: 13 }, (_, index) => ask(`198.51.100.${index}`));
    const codes = async (answers: typeof own) =>
      (await Promise.all(answers)).map(({ statusCode }) => statusCode);
    expect(await codes(own)).toEqual([200, 200, 200, 200, 503]);
    expect(await codes(others)).toEqual([...Array.from({ length: 12 }, () => 200), 503]);
    expect(await codes([ask('192.0.2.1')])).toEqual([200]);
  });
  it('end an answer that its peer does not read for ten seconds', async () => {
    const { port } = await listening({ text: 'x'.repeat(64 * 1_048_576) }); // far more than kernels hold
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const socket = connect({ port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'readable'); // the answer has begun
    const closed = once(socket, 'close');
    vi.advanceTimersByTime(10_000);
    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(64 * 1_048_576);
  });
  it('end a request that does not arrive completely in time', async () => {
    const { port } = await listening({ readTimeoutMs: 100 });
    expect(await heardUntilClosed(port, 'GET /metrics HTTP/1.1\r\nHo')).toMatch(/^HTTP\/1.1 400 /);
  });
});
