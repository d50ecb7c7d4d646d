import { once } from 'node:events';
import { connect } from 'node:net';
import { KeyRing } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readKeySecret, type SealingKey } from '../../keys/key-secret.ts';
import { createMetrics } from '../../metrics.ts';
import { keySecret, recordingLog } from '../../testing/recorders.ts';
import { buildServer } from '../server.ts';

const MIB = 1_048_576;
const servers: FastifyInstance[] = [];
let newest: SealingKey;

beforeAll(async () => {
  newest = await readKeySecret((await keySecret('newest')).secret, {});
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((each) => each.close()));
});

async function listening({ burst = 100, readTimeoutMs = 60_000 } = {}) {
  const metrics = createMetrics('test');
  const app = buildServer({
    keys: { keyRing: KeyRing.of(newest.keyPair), newest, offeredV2: [] },
    isReady: () => true,
    lockedKeys: () => 0,
    hasNoSigners: () => false,
    isLive: () => true,
    acceptV1Data: true,
    config: { rateLimit: { perSecond: 1, burst }, readTimeoutMs, writeTimeoutMs: 60_000 },
    metrics,
    log: recordingLog(),
    nowMs: () => 0,
    busyMs: () => 0,
  });
  servers.push(app);
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { app, port: (app.server.address() as { port: number }).port, metrics };
}

/** Sends pieces without waiting for answers, then reads to the end. `FIN` ends only this side. */
async function exchange(port: number, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes;
  });
  socket.pause();
  for (const piece of pieces) {
    if (piece === 'FIN') socket.end();
    else await new Promise((resolve) => socket.write(piece, resolve));
  }
  const closed = once(socket, 'close');
  socket.once('end', () => socket.end()).resume();
  await closed;
  return heard;
}

/**
 * The answer of a server with a short `--read-timeout`. A server with a long one gets the same first and must
 * not have answered yet.
 */
async function soonerThanOthers(...pieces: readonly string[]): Promise<string> {
  const [patient, hasty] = await Promise.all([listening(), listening({ readTimeoutMs: 200 })]);
  const others = exchange(patient.port, ...pieces).then(() => 'the patient server was sooner');
  const heard = await Promise.race([others, exchange(hasty.port, ...pieces)]);
  patient.app.server.closeAllConnections();
  return heard;
}

const head = (path: string, header: string) => `POST ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked';

/** Status and body of an answer. */
function read(heard: string): readonly (string | undefined)[] {
  const [start = '', body] = heard.split('\r\n\r\n');
  return [start.slice(9, 12), body];
}

describe('a body that cannot be read', () => {
  it.each([
    ['a chunk of no length', [`${head('/v1/verify', CHUNKED)}ZZ\r\n`]],
    ['a later chunk of no length', [head('/v1/verify', CHUNKED), '5\r\nhello\r\n', 'zz\r\n']],
    ['less than was announced', [head('/v1/verify', 'Content-Length: 9'), 'hello', 'FIN']],
    ['no last chunk', [head('/v1/verify', CHUNKED), '5\r\nhello\r\n', 'FIN']],
    ['a chunk of no length, for rotate', [head('/v1/rotate', CHUNKED), 'ZZ\r\n']],
  ])('is answered with 400 and nothing else: %s', async (_what, pieces) => {
    const { port, metrics } = await listening();
    const heard = await exchange(port, ...pieces);
    expect(read(heard)).toEqual(['400', '']);
    expect(heard).toContain('x-ratelimit-limit: 101');
    expect(await metrics.registry.metrics()).toMatch(
      /http_requests_total\{path="[^"]*",method="post",code="400"\} 1/,
    );
  });
  it('is refused for the rate first', async () => {
    const { port } = await listening({ burst: 0 });
    await exchange(port, head('/v1/verify', 'Content-Length: 1\r\nConnection: close'), 'x');
    expect(read(await exchange(port, `${head('/v1/verify', CHUNKED)}ZZ\r\n`))).toEqual([
      '429',
      'limit exceeded\n',
    ]);
  });
  it('does not matter if nothing reads it', async () => {
    const { port } = await listening();
    expect(read(await exchange(port, `${head('/healthz', CHUNKED)}ZZ\r\n`))).toEqual(['200', 'ok\n']);
  });
  it.each([
    ['garbage', 'hello\r\n\r\n', '400'],
    ['a header without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, '431'],
  ])('gets a line of text where there is no request yet: %s', async (_what, text, status) => {
    const { port } = await listening();
    const heard = await exchange(port, text);
    expect(heard).toMatch(
      new RegExp(`^HTTP/1.1 (${status} .*)\\r\\nContent-Type: text/plain.*\\r\\n[^]*\\r\\n\\1$`),
    );
  });
  it.each([
    [
      'a line of text where a request does not come whole in time',
      'POST /v1/verify HTTP/1.1\r\nHo',
      '400 Bad Request',
    ],
    ['nothing where none begins in time', '', undefined],
  ])('gets %s', async (_what, text, words) => {
    expect((await soonerThanOthers(text)).split('\r\n\r\n')[1]).toBe(words);
  });
});

describe('a body that does not come', () => {
  it('is refused after --read-timeout, in which the whole request must come', async () => {
    const heard = await soonerThanOthers(head('/v1/verify', 'Content-Length: 9'), 'hello');
    expect(read(heard)).toEqual(['400', '']); // without the flag it has ten seconds
  });
});

describe('a body that is too large', () => {
  it.each([
    [
      'announced, and sent to its end',
      [head('/v1/verify', `Content-Length: ${8 * MIB}`), new Uint8Array(8 * MIB)],
    ],
    ['announced, and waited with', [head('/v1/rotate', `Content-Length: ${8 * MIB}`)]],
    ['in chunks', [head('/v1/verify', CHUNKED), '800000\r\n', new Uint8Array(8 * MIB), '\r\n0\r\n\r\n']],
  ])('gets its answer: %s', async (_how, pieces) => {
    const { port } = await listening();
    expect(read(await exchange(port, ...pieces))).toEqual(['413', '']);
  });
});
