import { describe, expect, it } from 'vitest';
import { PeerLimiter } from './rate-limit.ts';

const RATE = { perSecond: 2, burst: 2 };

describe('PeerLimiter', () => {
  it.each([0, 1234.567, 7e8 + 1 / 3])(
    'counts what remains, whatever the fractions of a clock at %d',
    (nowMs) => {
      const limiter = new PeerLimiter({ perSecond: 3, burst: 3 });
      expect([1, 2, 3, 4].map(() => limiter.take('a', nowMs).remaining)).toEqual([3, 2, 1, 0]);
    },
  );
  it('allows burst + 1 requests at once and then says when to come back', () => {
    const limiter = new PeerLimiter(RATE);
    const verdicts = [0, 0, 0, 0].map((now) => limiter.take('a', now));
    expect(verdicts.map(({ isAllowed }) => isAllowed)).toEqual([true, true, true, false]);
    expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
    expect(verdicts[3]).toMatchObject({ limit: 3, retryAfterMs: 500, resetMs: 1500 });
  });
  it('allows the sustained rate for ever', () => {
    const limiter = new PeerLimiter(RATE);
    const allowed = Array.from({ length: 100 }, (_, index) => limiter.take('a', index * 500).isAllowed);
    expect(allowed).not.toContain(false);
  });
  it('counts each peer separately', () => {
    const limiter = new PeerLimiter(RATE);
    for (let count = 0; count < 5; count++) limiter.take('a', 0);
    expect(limiter.take('b', 0).isAllowed).toBe(true);
  });
  it('does not let refused requests prolong the wait', () => {
    const limiter = new PeerLimiter(RATE);
    for (let count = 0; count < 50; count++) limiter.take('a', 0);
    expect(limiter.take('a', 500).isAllowed).toBe(true);
  });
  it('forgets the peers seen longest ago when there are too many', () => {
    const limiter = new PeerLimiter(RATE);
    for (let peer = 0; peer < 10_000; peer++) limiter.take(`peer-${peer}`, 0);
    for (let count = 0; count < 3; count++) limiter.take('peer-9999', 0);
    expect(limiter.take('peer-9999', 0).isAllowed).toBe(false);
    expect(limiter.take('peer-0', 0).remaining).toBe(2);
  });
  it('leaves others nine tenths of the thread, however much work a peer asks for at its rate', () => {
    const limiter = new PeerLimiter(RATE);
    const [workMs, endMs] = [500, 600_000];
    let busyMs = 0;
    for (let nowMs = 0; nowMs < endMs; nowMs += 100) {
      if (!limiter.take('a', nowMs).isAllowed) continue;
      limiter.charge('a', workMs, nowMs);
      busyMs += workMs;
    }
    expect(busyMs / endMs).toBeLessThan(0.1);
    expect(busyMs / endMs).toBeGreaterThan(0.05);
    expect(limiter.take('b', endMs).isAllowed).toBe(true);
  });
  it('charges nothing for the work that objects of the usual size are, hundreds of them in a row', () => {
    const limiter = new PeerLimiter(RATE);
    for (let index = 0; index < 500; index++) {
      expect(limiter.take('a', index * 500).isAllowed).toBe(true);
      limiter.charge('a', 20, index * 500);
    }
  });
  it.each([
    [20, 0],
    [21, 10],
    [120, 1_000],
  ])('makes a peer wait ten times as long as it kept the thread beyond 20 ms: %i ms', (busyMs, waitMs) => {
    const limiter = new PeerLimiter({ perSecond: 2, burst: 0 });
    limiter.charge('a', busyMs, 5_000);
    expect(limiter.take('a', 5_000)).toMatchObject({ isAllowed: waitMs === 0, retryAfterMs: waitMs });
  });
  it.each([
    [500, 0],
    [501, 501],
  ])('makes a peer wait as long as its values took to open, if it was over 500 ms: %i ms', (ms, waitMs) => {
    const limiter = new PeerLimiter({ perSecond: 2, burst: 0 });
    limiter.chargeOpening('a', ms, 5_000);
    expect(limiter.take('a', 5_000)).toMatchObject({ isAllowed: waitMs === 0, retryAfterMs: waitMs });
    expect(limiter.take('b', 5_000).isAllowed).toBe(true);
  });
  it('adds up what a peer is charged with while it waits', () => {
    const limiter = new PeerLimiter({ perSecond: 2, burst: 0 });
    limiter.take('a', 0);
    limiter.charge('a', 120, 0);
    limiter.chargeOpening('a', 2_000, 0);
    limiter.charge('a', 120, 0);
    expect(limiter.take('a', 0).retryAfterMs).toBe(500 + 1_000 + 2_000 + 1_000);
  });
});
