import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { createThrottle, TokenBucket } from './rate-limiter.ts';

describe('TokenBucket', () => {
  it('gives the burst at once, then one token per interval', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 3 }, 0);
    expect([0, 0, 0, 0, 499, 500, 500].map((now) => bucket.tryTake(now))).toEqual([
      ...[true, true, true],
      ...[false, false, true, false],
    ]);
  });

  it('never holds more than the burst', () => {
    const bucket = new TokenBucket({ perSecond: 2, burst: 1 }, 0);
    expect([bucket.tryTake(60_000), bucket.tryTake(60_000)]).toEqual([true, false]);
  });

  it('returns to each reservation how long to wait, one after the other', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 1 }, 0);
    expect([0, 0, 0].map((now) => bucket.reserve(now))).toEqual([0, 100, 200]);
  });
});

describe('createThrottle', () => {
  it('never waits without a rate', async () => {
    await expect(createThrottle(undefined, new FakeClock())()).resolves.toBeUndefined();
  });

  it('lets callers through at the rate', async () => {
    const clock = new FakeClock();
    const throttle = createThrottle({ perSecond: 10, burst: 2 }, clock);
    let passed = 0;
    for (let index = 0; index < 5; index += 1) void throttle().then(() => (passed += 1));
    await settle();
    expect(passed).toBe(2);
    await clock.advance(100);
    expect(passed).toBe(3);
    await clock.advance(200);
    expect(passed).toBe(5);
  });
});
