import { connect, type Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { limitConnections } from './connections.ts';
import { RequestGate, refuseLateBody } from './request-gate.ts';

const servers: FastifyInstance[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

/** A server whose bodies go through a gate; returns its port. */
async function listening(timeoutMs = 60_000, answer = 'ok'): Promise<number> {
  const gate = new RequestGate({ total: 3, perPeer: 2, timeoutMs, endsUntaken: true });
  const app = Fastify({ forceCloseConnections: true });
  limitConnections(app.server);
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/', {
    onRequest: async (request, reply) =>
      gate.enter(request, reply, refuseLateBody) ? undefined : reply.code(503).send(),
    handler: async () => answer,
  });
  servers.push(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return (app.server.address() as { port: number }).port;
}

/** Begins a body of two bytes with one of them. */
function begin(port: number, localAddress = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  sockets.push(socket.on('error', () => undefined));
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\n1');
  return socket;
}

/** What a socket hears within a moment: the status, `closed` or nothing. */
function heard(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString().slice(9, 12)));
    socket.once('close', () => resolve('closed'));
    setTimeout(() => resolve('nothing'), 150);
  });
}

describe('RequestGate', () => {
  it('lets a peer have so many bodies under way, and all peers together so many', async () => {
    const port = await listening();
    const own = [begin(port), begin(port)];
    expect(await Promise.all(own.map(heard))).toEqual(['nothing', 'nothing']);
    expect(await heard(begin(port))).toBe('503');
    expect(await heard(begin(port, '127.0.0.2'))).toBe('nothing');
    expect(await heard(begin(port, '127.0.0.3'))).toBe('503');
  });
  it('gives a place back when the answer is given or the peer goes', async () => {
    const port = await listening();
    const [answered, gone] = [begin(port), begin(port)];
    await heard(answered);
    answered.write('2');
    expect(await heard(answered)).toBe('200');
    gone.destroy();
    await heard(gone);
    const again = [begin(port), begin(port)];
    expect(await Promise.all(again.map(heard))).toEqual(['nothing', 'nothing']);
  });
  it('gives the place of an answer that its peer does not take to the next, whoever that is', async () => {
    const port = await listening(60_000, 'x'.repeat(64 * 1_048_576)); // far more than kernels hold
    const slow = [begin(port), begin(port), begin(port, '127.0.0.2')];
    const begun = slow.map((socket) => new Promise((resolve) => socket.once('readable', resolve)));
    for (const socket of slow) socket.write('2');
    await Promise.all(begun);
    expect(await heard(begin(port))).toBe('nothing'); // the peer's own oldest makes room
    expect(await heard(begin(port, '127.0.0.3'))).toBe('nothing');
    expect(await heard(begin(port, '127.0.0.4'))).toBe('nothing');
    expect(await heard(begin(port, '127.0.0.4'))).toBe('503'); // bodies under way keep their places
  });
  it('refuses a body that does not arrive in time, and ends its connection', async () => {
    const port = await listening(50);
    for (const socket of [begin(port), begin(port)]) {
      expect(await heard(socket)).toBe('400');
      expect(await heard(socket)).toBe('closed');
    }
  });
});

describe('limitConnections', () => {
  it('lets no peer take the connections of the others', async () => {
    const port = await listening();
    const idle = Array.from({ length: 70 }, () => connect({ port, host: '127.0.0.1' }));
    sockets.push(...idle);
    const states = await Promise.all(idle.map(heard));
    expect(states.filter((state) => state === 'closed')).toHaveLength(6);
    expect(await heard(begin(port, '127.0.0.2'))).toBe('nothing');
  });
});
