import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { eventuallyPasses } from '../../../../../test/support/time/eventually.ts';
import { limitConnections } from './connections.ts';
import { RequestGate, refuseLateBody } from './request-gate.ts';

const servers: FastifyInstance[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** What the gate decided about the request of each connection, by the connection's port on this side. */
const decisions = new Map<number, PromiseWithResolvers<'entered' | 'refused'>>();

function decisionOf(port: number): PromiseWithResolvers<'entered' | 'refused'> {
  const known = decisions.get(port) ?? Promise.withResolvers();
  decisions.set(port, known);
  return known;
}

/** A server whose bodies go through a gate. */
async function listening(timeoutMs = 60_000, answer = 'ok'): Promise<FastifyInstance> {
  const gate = new RequestGate({ total: 3, perPeer: 2, timeoutMs, endsUntaken: true });
  const app = Fastify({ forceCloseConnections: true });
  limitConnections(app.server);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/', {
    onRequest: async (request, reply) => {
      const hasEntered = gate.enter(request, reply, refuseLateBody);
      decisionOf(request.socket.remotePort ?? 0).resolve(hasEntered ? 'entered' : 'refused');
      return hasEntered ? undefined : reply.code(503).send();
    },
    handler: async () => answer,
  });
  servers.push(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return app;
}

function portOf({ server }: FastifyInstance): number {
  return (server.address() as { port: number }).port;
}

/** Begins a body of two bytes with one of them. */
function begin(app: FastifyInstance, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port: portOf(app), host: '127.0.0.1', localAddress });
  sockets.push(socket.on('error', () => undefined));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n1');
  return socket;
}

/** What the gate decides about the request of a socket. */
async function decided(socket: Socket): Promise<'entered' | 'refused'> {
  if (socket.connecting) await once(socket, 'connect');
  return decisionOf(socket.localPort ?? 0).promise;
}

/** What a socket hears next: a status, or `closed`. */
function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString().slice(9, 12)));
    socket.once('close', () => resolve('closed'));
  });
}

describe('RequestGate', () => {
  it('limits the bodies in progress for one peer and for all peers together', async () => {
    const app = await listening();
    const own = [begin(app), begin(app)];
    expect(await Promise.all(own.map(decided))).toEqual(['entered', 'entered']);
    expect(await heard(begin(app))).toBe('503');
    expect(await decided(begin(app, '127.0.0.2'))).toBe('entered');
    expect(await heard(begin(app, '127.0.0.3'))).toBe('503');
  });
  it('frees a place when the answer is sent or the peer leaves', async () => {
    const app = await listening();
    const [answered, gone] = [begin(app), begin(app)];
    await Promise.all([answered, gone].map(decided));
    answered.write('2');
    expect(await heard(answered)).toBe('200');
    gone.destroy();
    // the server learns of it in its own time; a place that never came back would end this in a hang
    await eventuallyPasses(async () => expect(await decided(begin(app))).toBe('entered'));
    await eventuallyPasses(async () => expect(await decided(begin(app))).toBe('entered'));
  });
  it('gives the place of an answer that its peer does not read to the next request of any peer', async () => {
    const app = await listening(60_000, 'x'.repeat(64 * 1_048_576)); // far more than kernels hold
    const slow = [begin(app), begin(app), begin(app, '127.0.0.2')];
    const begun = slow.map((socket) => new Promise((resolve) => socket.once('readable', resolve)));
    for (const socket of slow) socket.write('2');
    await Promise.all(begun);
    expect(await decided(begin(app))).toBe('entered'); // the peer's own oldest makes room
    expect(await decided(begin(app, '127.0.0.3'))).toBe('entered');
    expect(await decided(begin(app, '127.0.0.4'))).toBe('entered');
    expect(await decided(begin(app, '127.0.0.4'))).toBe('refused'); // bodies under way keep their places
  });
  it('refuses a body that does not arrive in time, and ends its connection', async () => {
    const app = await listening(50);
    for (const socket of [begin(app), begin(app)]) {
      const closed = once(socket, 'close');
      expect(await heard(socket)).toBe('400');
      await closed;
    }
  });
});

describe('refuseLateBody', () => {
  it('lets the work on a body that came in time take longer', async () => {
    const app = Fastify({ forceCloseConnections: true });
    servers.push(app);
    const gate = new RequestGate({ total: 1, perPeer: 1, timeoutMs: 50 });
    const late = Promise.withResolvers<void>();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.post('/', {
      onRequest: async (request, reply) => {
        gate.enter(request, reply, (asked) => {
          asked.raw.on('error', () => reply.raw.destroy()); // as a reader of the body would
          refuseLateBody(asked);
          late.resolve();
        });
      },
      handler: () => late.promise.then(() => 'done'),
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const socket = begin(app);
    socket.write('2');
    expect(await heard(socket)).toBe('200');
  });
});

describe('limitConnections', () => {
  it('lets no peer take the connections of the others', async () => {
    const app = await listening();
    const idle = Array.from({ length: 70 }, () => connect({ port: portOf(app), host: '127.0.0.1' }));
    sockets.push(...idle);
    let ended = 0;
    for (const socket of idle) socket.on('error', () => undefined).once('close', () => (ended += 1));
    await expect.poll(() => ended).toBe(6);
    expect(await decided(begin(app, '127.0.0.2'))).toBe('entered');
    expect(ended).toBe(6);
  });
});
