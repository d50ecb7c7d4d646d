import { connect, type Socket } from 'node:net';
import { API_VERSION, encodeBase64, generateKeyPair, type Key, KeyRing, sealSecret } from '@fuin/crypto-core';
import { describe, expect, it, vi } from 'vitest';
import { watchedKey } from '../support/watched-key.ts';
import { DEFAULT_RATE, testApi } from './http-server.ts';

const MIB = 1_048_576;

describe('/healthz', () => {
  it('answers while a peer sends the largest bodies of the smallest items at its rate', async () => {
    const { app, clock } = await testApi();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(app.server.address() as { port: number }).port}`;
    const items = Array.from({ length: 300_000 }, (_, index) => `"${index.toString(36)}":0`);
    const body = `{"apiVersion":"${API_VERSION}","kind":"SealedSecret","spec":{"encryptedData":{${items}}}}`;
    const codes: (readonly number[])[] = [];
    for (let round = 0; round < 10; round++) {
      clock.nowMs += 500;
      const attack = fetch(`${url}/v1/verify`, { method: 'POST', body });
      const probe = await fetch(`${url}/healthz`);
      codes.push([probe.status, (await attack).status]);
    }
    await app.close();
    expect(codes).toEqual(Array.from({ length: 10 }, () => [200, 500]));
  });

  it('has the thread for nine tenths of the time, whatever work a peer finds that takes long', async () => {
    const { app, clock } = await testApi();
    clock.workMs = 400;
    let allowed = 0;
    for (; clock.nowMs < 100_000; clock.nowMs += 500) {
      const url = allowed % 2 === 0 ? '/v1/verify' : '/v1/rotate'; // one share for both
      const { statusCode } = await app.inject({ method: 'POST', url, payload: '{' });
      if (statusCode !== 429) allowed += 1;
    }
    await app.close();
    expect((allowed * clock.workMs) / clock.nowMs).toBeLessThan(0.1);
  });
});

describe('requests that open values', () => {
  it('take no more RSA operations than a bound, however many items and keys there are', async () => {
    const others = await Promise.all([1, 2, 3].map(() => generateKeyPair(2048)));
    let operations = 0;
    const counting = (key: Key) =>
      watchedKey(key, () => {
        operations += 1;
      });
    const { app } = await testApi(DEFAULT_RATE, (own) => KeyRing.of(...[own, ...others].map(counting)));
    const garbage = encodeBase64(Uint8Array.from([1, 0, ...new Uint8Array(272)]));
    const items = Array.from({ length: 4_000 }, (_, index) => [`i${index}`, garbage]);
    const payload = JSON.stringify({
      apiVersion: API_VERSION,
      kind: 'SealedSecret',
      metadata: { name: 'x', namespace: 'n' },
      spec: { encryptedData: Object.fromEntries(items) },
    });
    const answer = await app.inject({ method: 'POST', url: '/v1/verify', payload });
    await app.close();
    expect(answer.statusCode).toBe(409);
    expect(operations).toBeLessThan(2_000);
  });

  it('take half of the time of the cores at most, however many values of one peer open', async () => {
    let advance = (): void => undefined;
    const slow = (key: Key) => watchedKey(key, () => advance());
    const { app, clock, keyPair } = await testApi(DEFAULT_RATE, (own) => KeyRing.of(slow(own)));
    advance = () => {
      clock.nowMs += 100;
    };
    const stringData = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`i${index}`, 'v']));
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'x', namespace: 'n' },
      stringData,
    } as const;
    const payload = JSON.stringify(await sealSecret(secret, keyPair));
    let opened = 0;
    const startMs = clock.nowMs;
    for (; clock.nowMs - startMs < 200_000; clock.nowMs += 500) {
      const { statusCode } = await app.inject({ method: 'POST', url: '/v1/verify', payload });
      if (statusCode === 200) opened += 1;
    }
    await app.close();
    expect(opened).toBeGreaterThan(5);
    expect(opened * 100 * 100).toBeLessThanOrEqual((clock.nowMs - startMs) * 0.6);
  });

  it('are forgotten with their peers, who would fill memory with what waits for its turn', async () => {
    let trials = 0;
    const counting = (key: Key) =>
      watchedKey(key, () => {
        trials += 1;
      });
    const rate = { perSecond: 1_000, burst: 1_000 };
    const { app, keyPair } = await testApi(rate, (own) => KeyRing.of(counting(own)));
    let arrived = 0;
    app.addHook('preHandler', async () => {
      arrived += 1;
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const payload = async (count: number) => {
      const stringData = Object.fromEntries(Array.from({ length: count }, (_, index) => [`i${index}`, 'v']));
      const metadata = { name: 'x', namespace: 'n' };
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData } as const;
      return JSON.stringify(await sealSecret(secret, keyPair));
    };
    const large = await payload(1_000);
    const sockets = [1, 2, 3, 4].map(() => connect(port, '127.0.0.1').on('error', () => undefined));
    for (const socket of sockets) {
      socket.write(`POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${large.length}\r\n\r\n${large}`);
    }
    await expect.poll(() => arrived, { timeout: 20_000, interval: 5 }).toBe(4);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => trials, { timeout: 20_000 }).toBeGreaterThanOrEqual(1_000);
    const body = await payload(1);
    const answer = await fetch(`http://127.0.0.1:${port}/v1/verify`, { method: 'POST', body });
    await app.close();
    expect([answer.status, trials]).toEqual([200, 1_001]);
  });

  it('hold no more than 24 MiB of bodies together, even from a peer that keeps to its rate', async () => {
    const { app, clock } = await testApi();
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as { port: number };
    const size = 3 * MIB;
    const part = Buffer.alloc(size - 1, 0x61); // one for all, so that only the server's memory grows
    const sockets: Socket[] = [];
    const refused = new Set<Socket>();
    for (let index = 0; index < 60; index++) {
      clock.nowMs += 500; // two in a second are allowed, and a body may take 120 seconds
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.on('data', (answer) => String(answer).startsWith('HTTP/1.1 503') && refused.add(socket));
      await sendPart(socket, size, part);
    }
    await vi.waitFor(
      () => expect((sockets.length - refused.size) * size).toBeLessThanOrEqual(24 * MIB),
      10_000,
    );
    for (const socket of sockets) socket.destroy();
    await app.close();
    expect(refused.size).toBeLessThan(sockets.length); // some were let in
  });
});

/** Sends a body that lacks its last byte; a refusal ends the wait too. */
function sendPart(socket: Socket, size: number, part: Uint8Array): Promise<void> {
  socket.on('error', () => undefined);
  socket.write(`POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
  return new Promise((resolve) => {
    socket.once('data', () => resolve());
    socket.write(part, () => resolve());
  });
}
