import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { buildMetricsServer } from '../../packages/controller/src/http/metrics-server.ts';

const DEADLINE = { timeout: 20_000 }; // for a hang

type Server = ReturnType<typeof buildMetricsServer>;

const opened: Socket[] = [];
const servers: Server[] = [];

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server of metrics on one peer's own machine, and how often it rendered them. */
async function listening(text = 'up 1\n') {
  let renderings = 0;
  const metrics = async () => {
    renderings += 1;
    return text;
  };
  const app = buildMetricsServer({
    registry: { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics },
    config: { readTimeoutMs: 500, writeTimeoutMs: 120_000 },
    nowMs: () => 0,
    busyMs: () => 0,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
  });
  servers.push(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { app, url: `http://127.0.0.1:${port}/metrics`, port, rendered: () => renderings };
}

/** A connection that does not end its side before the test ends it. */
function open(port: number, text: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  opened.push(socket);
  socket.write(text);
  return socket;
}

/** When the server has ended its side, politely or not. */
function ended(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('end', resolve).once('close', resolve));
}

describe('the metrics port', () => {
  it.each([
    ['a body', 'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n1'],
    ['a header', 'GET /metrics HTTP/1.1\r\nHo'],
    ['nothing', ''],
  ])('holds no connections of a peer that begins %s and does not go on', async (_what, text) => {
    const { app, port, rendered } = await listening();
    const sockets = Array.from({ length: 100 }, () => open(port, text).resume());
    await Promise.all(sockets.map(ended));
    for (const socket of sockets) socket.end();
    await expect.poll(() => connections(app), DEADLINE).toBe(0);
    expect(rendered()).toBe(0);
  });
  it('makes four answers for a peer that does not take them, and more only when these are gone', async () => {
    // more than buffers of sockets take
    const { app, port, rendered, url } = await listening('x'.repeat(16 * 1_048_576));
    let refused = 0;
    app.server.on('request', (_request, response) => {
      response.on('finish', () => {
        if (response.statusCode === 503) refused += 1;
      });
    });
    const sockets = Array.from({ length: 20 }, () =>
      open(port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n').pause(),
    );
    await expect.poll(() => refused, DEADLINE).toBe(16);
    expect(rendered()).toBeLessThanOrEqual(4);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => connections(app), DEADLINE).toBe(0);
    expect((await fetch(url)).status).toBe(200);
  });
});

function connections(app: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    app.server.getConnections((error: Error | null, count?: number) =>
      error ? reject(error) : resolve(count ?? 0),
    ),
  );
}
