import { type Bytes, SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { refusal } from '../faults.ts';
import { failureOf } from '../testing/wrapper-contract.ts';
import { BOUNDS, type Bounds, bounded } from './bounded.ts';

const throttled = (retryAfterMs: number) => refusal('key service', { status: 429, retryAfterMs }, {});
const down = () => new SealedSecretsError('ERR_KEY_SERVICE_UNAVAILABLE', 'key service: no answer in time');
const ciphertext = (byte: number): Bytes => new Uint8Array(1088).fill(byte);

/** A key whose calls a test ends, in the order in which they came. */
function scene({ entries = 4, calls = 8 } = {}) {
  const pending: { readonly byte: number; readonly end: (result: Bytes | null | Error) => void }[] = [];
  const endings: string[] = [];
  const timers: { readonly atMs: number; readonly work: () => void }[] = [];
  const clock = { nowMs: 0 };
  const bounds: Bounds = {
    cache: {
      entries,
      lifetimeMs: 600_000,
      later: (delayMs, work) => void timers.push({ atMs: clock.nowMs + delayMs, work }),
    },
    calls,
    pause: { firstMs: 1_000, longestMs: 30_000 },
    nowMs: () => clock.nowMs,
    onEnd: (ending) => void endings.push(ending),
  };
  const key = bounded(
    {
      name: 'k',
      holds: 'half',
      describe: () => 'k',
      publicKey: async () => new Uint8Array(),
      decapsulate: ([byte = 0]) =>
        new Promise((resolve, reject) => {
          const end = (result: Bytes | null | Error) => {
            if (result instanceof Error) return reject(result);
            resolve(result);
          };
          pending.push({ byte, end });
        }),
      close: async () => undefined,
    },
    bounds,
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (result: Bytes | null | Error = new Uint8Array(32).fill(9)) => {
    await turn();
    pending.shift()?.end(result);
    await turn();
  };
  const advance = (ms: number) => {
    clock.nowMs += ms;
    for (const { atMs, work } of timers.splice(0)) {
      if (atMs <= clock.nowMs) work();
      else timers.push({ atMs, work });
    }
  };
  /** Decapsulates with a service that answers. */
  const ask = async (byte: number) => {
    const asking = key.decapsulate(ciphertext(byte));
    await answer(new Uint8Array(32).fill(byte));
    return asking;
  };
  /** Decapsulates while nobody may be asked, and gives the failure. */
  const refused = async (byte: number) => {
    const failing = failureOf(key.decapsulate(ciphertext(byte)));
    await turn();
    expect(pending).toHaveLength(0);
    return failing;
  };
  return { key, pending, endings, timers, answer, advance, ask, refused, turn };
}

describe('bounded', () => {
  it('asks once for one ciphertext, and gives each caller a copy of its own', async () => {
    const { key, ask, endings } = scene();
    const first = await ask(1);
    first?.fill(0); // as callers do
    expect(await key.decapsulate(ciphertext(1))).toEqual(new Uint8Array(32).fill(1));
    expect(endings).toEqual(['asked', 'cached']);
  });
  it('asks once for callers that come at the same time', async () => {
    const { key, pending, answer } = scene();
    const both = [key.decapsulate(ciphertext(1)), key.decapsulate(ciphertext(1))];
    expect(pending).toHaveLength(1);
    await answer();
    const [a, b] = await Promise.all(both);
    expect([a, a === b]).toEqual([b, false]);
  });
  it.each([1, 3])('zeroes what the service gave once each of %i callers has a copy', async (callers) => {
    const { key, answer } = scene();
    const given = new Uint8Array(32).fill(9);
    const copies = Array.from({ length: callers }, () => key.decapsulate(ciphertext(1)));
    await answer(given);
    expect(await Promise.all(copies)).toEqual(Array(callers).fill(new Uint8Array(32).fill(9)));
    expect(given).toEqual(new Uint8Array(32));
    expect(await key.decapsulate(ciphertext(1))).toEqual(new Uint8Array(32).fill(9));
  });
  it('forgets a secret ten minutes after it came, even if it is used and even if nobody asks', async () => {
    const { key, ask, advance, pending, timers, answer } = scene();
    await ask(1);
    advance(599_000);
    await key.decapsulate(ciphertext(1));
    advance(1_000);
    expect(timers).toEqual([]); // the sweep found nothing more to wait for
    const again = key.decapsulate(ciphertext(1));
    expect(pending).toHaveLength(1);
    await answer();
    await again;
  });
  it('keeps no more than it may: the oldest goes first', async () => {
    const { ask, endings, key } = scene({ entries: 2 });
    for (const byte of [1, 2, 3]) await ask(byte);
    await key.decapsulate(ciphertext(2));
    await key.decapsulate(ciphertext(3));
    await ask(1);
    expect(endings).toEqual(['asked', 'asked', 'asked', 'cached', 'cached', 'asked']);
  });
  it('does not remember what is no ciphertext', async () => {
    const { key, answer, pending, turn } = scene();
    const first = key.decapsulate(ciphertext(1));
    await answer(null);
    expect(await first).toBeNull();
    void key.decapsulate(ciphertext(1));
    await turn();
    expect(pending).toHaveLength(1);
  });
  it('forgets every secret when it is closed', async () => {
    const { key, ask, endings } = scene();
    await ask(1);
    await key.close();
    await ask(1);
    expect(endings).toEqual(['asked', 'asked']);
  });
  it('is used with eight calls at once, each secret for ten minutes, and half a minute of peace at most', () => {
    const { cache, calls, pause } = BOUNDS;
    expect({ calls, pause }).toEqual({ calls: 8, pause: { firstMs: 1_000, longestMs: 30_000 } });
    expect(cache).toMatchObject({ entries: 4096, lifetimeMs: 600_000 });
  });
  it('has few calls under way at once, in order', async () => {
    const { key, pending, answer } = scene({ calls: 2 });
    const all = [1, 2, 3, 4, 5].map((byte) => key.decapsulate(ciphertext(byte)));
    expect(pending.map(({ byte }) => byte)).toEqual([1, 2]);
    await answer();
    expect(pending.map(({ byte }) => byte)).toEqual([2, 3]);
    for (let left = 4; left > 0; left--) await answer();
    expect(await Promise.all(all)).toHaveLength(5);
  });
  it('holds up nobody while the service fails: who waits fails like the others, and nobody is asked', async () => {
    const { key, pending, answer, advance, endings, refused } = scene({ calls: 1 });
    const failing = [1, 2, 3].map((byte) => failureOf(key.decapsulate(ciphertext(byte))));
    await answer(down());
    expect([pending.length, endings]).toEqual([0, ['failed', 'failed', 'failed']]);
    expect((await Promise.all(failing)).map(({ code }) => code)).toEqual(
      Array(3).fill('ERR_KEY_SERVICE_UNAVAILABLE'),
    );
    advance(999);
    await refused(4);
  });
  it('asks again after a second, then after two, and after thirty at most', async () => {
    const { key, pending, answer, advance, turn, ask } = scene();
    const pauses: number[] = [];
    let failing = failureOf(key.decapsulate(ciphertext(1)));
    for (let round = 0; round < 7; round++) {
      await answer(down());
      await failing;
      for (let seconds = 1; pending.length === 0; seconds++) {
        advance(1_000);
        failing = failureOf(key.decapsulate(ciphertext(1)));
        await turn();
        pauses[round] = seconds;
      }
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30]);
    await answer(down());
    await failing;
    advance(30_000);
    expect(await ask(2)).toHaveLength(32);
    const next = failureOf(key.decapsulate(ciphertext(3)));
    await answer(down());
    await next;
    advance(1_000); // the first pause again
    expect(await ask(4)).toHaveLength(32);
  });
  it('asks no earlier than a service that throttles asks for, and no later than after five minutes', async () => {
    for (const [askedMs, pauseMs] of [
      [500, 1_000],
      [20_000, 20_000],
      [86_400_000, 300_000],
    ] as const) {
      const { key, answer, advance, ask, refused } = scene();
      const failing = failureOf(key.decapsulate(ciphertext(1)));
      await answer(throttled(askedMs));
      await failing;
      advance(pauseMs - 1);
      await refused(2);
      advance(1);
      expect(await ask(2)).toHaveLength(32);
    }
  });
  it('keeps the longest pause that is asked for in answers to calls that were under way together', async () => {
    const { key, answer, advance, ask, refused } = scene();
    const failing = [1, 2, 3].map((byte) => failureOf(key.decapsulate(ciphertext(byte))));
    for (const failure of [down(), throttled(20_000), throttled(3_000)]) await answer(failure);
    await Promise.all(failing);
    advance(19_999);
    expect(await refused(4)).toMatchObject({ message: throttled(0).message });
    advance(1);
    const next = failureOf(key.decapsulate(ciphertext(4)));
    await answer(down());
    await next;
    advance(1_999); // the three counted as one failure
    await refused(5);
    advance(1);
    expect(await ask(5)).toHaveLength(32);
  });
  it('answers what it remembers while the service fails', async () => {
    const { key, ask, answer } = scene();
    await ask(1);
    const failing = failureOf(key.decapsulate(ciphertext(2)));
    await answer(down());
    await failing;
    expect(await key.decapsulate(ciphertext(1))).toHaveLength(32);
  });
});
