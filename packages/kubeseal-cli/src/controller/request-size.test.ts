import { generateKeyPair, type SealedSecret, SealedSecretsError, sealSecret } from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { PeerLimiter } from '../../../controller/src/http/limits/rate-limit.ts';
import type { TimedAnswer } from '../io/http.ts';
import { BulkController } from './bulk.ts';
import { RequestSize } from './request-size.ts';

/** How many objects of two short items go into the next request. */
const fits = (size: RequestSize) =>
  size.countOf(Array.from({ length: 2_000 }, () => ({ items: 2, characters: 1_000 })));
/** After so many requests that were as large as they might be, each of which took so long for an item. */
const sizeAfter = (requests: number, msPerItem: number): RequestSize => {
  const size = new RequestSize();
  for (let at = 0; at < requests; at++) size.learn(2 * fits(size), 2 * fits(size) * msPerItem);
  return size;
};

describe('a bulk request', () => {
  it.each([
    ['a controller that opens a thousand items a second', 1, 225],
    ['one that is too slow for that', 100, 256],
    ['a fast one', 0.1, 512],
  ])('of %s holds what takes less than half a second', (_, msPerItem, objects) => {
    expect(fits(new RequestSize())).toBe(128);
    expect(fits(sizeAfter(1, msPerItem))).toBe(objects);
    expect(fits(sizeAfter(5, msPerItem))).toBe(objects);
  });
  it('is not judged by one that was small', () => {
    const size = sizeAfter(1, 1);
    size.learn(10, 400);
    expect(fits(size)).toBe(225);
  });
  it('holds at least one object, and no more objects or characters than a controller takes', () => {
    const size = sizeAfter(5, 0.1);
    expect(size.countOf([{ items: 5_000, characters: 2_000_000 }])).toBe(1);
    expect(size.countOf(Array.from({ length: 9 }, () => ({ items: 1, characters: 400_000 })))).toBe(3);
    expect(size.countOf(Array.from({ length: 2_000 }, () => ({ items: 0, characters: 0 })))).toBe(1_000);
  });
});

/** Sends requests to the limiter of our controller, one after the other, and counts those that it refuses. */
function refusalsOf(files: number, itemsPerSecond: number): number {
  const [limiter, size] = [new PeerLimiter({ perSecond: 2, burst: 2 }), new RequestSize()];
  const betweenMs = 20;
  let [nowMs, refusals] = [0, 0];
  for (let left = files, read = 64; left > 0; read = files) {
    const { isAllowed, retryAfterMs } = limiter.take('kubeseal', nowMs);
    if (isAllowed) {
      const objects = Math.min(left, read, fits(size));
      const tookMs = (2_000 * objects) / itemsPerSecond;
      nowMs += tookMs;
      limiter.chargeOpening('kubeseal', tookMs, nowMs);
      size.learn(2 * objects, tookMs);
      left -= objects;
    } else refusals += 1;
    nowMs += betweenMs + retryAfterMs;
  }
  return refusals;
}

describe('a thousand files', () => {
  it.each([400, 500, 600, 700])('never wait for a controller that opens %i items a second', (speed) => {
    expect(refusalsOf(1_000, speed)).toBe(0);
  });
  it('wait for one that takes longer than it gives for free', () => {
    expect(refusalsOf(1_000, 100)).toBeGreaterThan(0);
  });
});

describe('several callers of one controller', () => {
  let object: {
    readonly sealedSecret: SealedSecret;
    readonly document: { readonly value: Record<string, unknown> };
  };
  beforeAll(async () => {
    const metadata = { name: 'a', namespace: 'shop' };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { a: 'x' } } as const;
    object = { sealedSecret: await sealSecret(secret, await generateKeyPair(2048)), document: { value: {} } };
  });
  /** A controller that opens everything, and the sizes of the requests that it got. */
  const controllerOf = (fail?: SealedSecretsError) => {
    const sizes: number[] = [];
    const send = async (
      _path: string,
      { body = '' }: { readonly body?: string } = {},
    ): Promise<TimedAnswer> => {
      const { items } = JSON.parse(body) as { readonly items: readonly unknown[] };
      sizes.push(items.length);
      if (fail) throw fail;
      const results = items.map(() => ({ status: 200 }));
      return {
        status: 200,
        statusText: 'OK',
        headers: {},
        body: Buffer.from(JSON.stringify({ results })),
        tookMs: 1,
      };
    };
    return { sizes, controller: new BulkController({ send, close: async () => undefined }) };
  };
  const asked = async (controller: BulkController) =>
    Promise.all([1, 2, 3].map((count) => controller.ask('verify', Array(count).fill(object))));

  it('share a request, once the one that is under way has its answer', async () => {
    const { sizes, controller } = controllerOf();
    const answers = await asked(controller);
    expect(answers.map((each) => each.answers.length)).toEqual([1, 2, 3]);
    expect(sizes).toEqual([1, 5]);
  });
  it('learn at once that it cannot be asked', async () => {
    const gone = new SealedSecretsError('ERR_API_UNAVAILABLE', 'cannot reach it');
    const { sizes, controller } = controllerOf(gone);
    expect(await asked(controller)).toEqual(Array(3).fill({ answers: [], failure: gone }));
    expect(sizes).toEqual([1]);
  });
  it.each([
    ['to bulk requests', [[200, 200, 429], 503]],
    ['object by object', [404, 200, 200, 503]],
  ])('keep the answers that came %s before one failed, and can ask again', async (_, said) => {
    const left = [...said];
    const send = async (): Promise<TimedAnswer> => {
      const next = left.shift() ?? [200];
      const results = Array.isArray(next) ? next.map((status) => ({ status })) : [];
      const status = Array.isArray(next) ? 200 : next;
      const body = Buffer.from(JSON.stringify({ results }));
      return { status, statusText: '', headers: {}, body, tookMs: 1 };
    };
    const controller = new BulkController({ send, close: async () => undefined });
    const { answers, failure } = await controller.ask('verify', Array(3).fill(object));
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(failure?.code).toBe('ERR_API_UNAVAILABLE');
    expect((await controller.ask('verify', [object])).answers).toHaveLength(1);
  });
});
