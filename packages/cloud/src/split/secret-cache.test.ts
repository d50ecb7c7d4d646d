import type { Bytes } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { SecretCache } from './secret-cache.ts';

describe('SecretCache', () => {
  /** A cache, the copies that it keeps, and what it does at its times. */
  function cacheOf(entries: number) {
    const kept: Bytes[] = [];
    const sweeps: (() => void)[] = [];
    const clock = { nowMs: 0 };
    const later = (_delayMs: number, work: () => void) => void sweeps.push(work);
    const cache = new SecretCache({ entries, lifetimeMs: 1_000, nowMs: () => clock.nowMs, later });
    const keep = (name: string) => {
      const copy = new Uint8Array(32).fill(9);
      kept.push(copy);
      const secret = Object.assign(new Uint8Array(32).fill(9), { slice: () => copy });
      cache.set(name, secret);
      secret.fill(0); // as callers do
    };
    const isDropped = () => kept.map((copy) => copy.every((byte) => byte === 0));
    return { cache, keep, isDropped, sweeps, clock };
  }

  it('zeroes what it drops: the oldest, one that is set again, and all when it is cleared', () => {
    const { cache, keep, isDropped } = cacheOf(2);
    for (const name of ['a', 'b', 'c']) keep(name);
    expect(isDropped()).toEqual([true, false, false]);
    keep('c');
    expect(isDropped()).toEqual([true, false, true, false]);
    cache.clear();
    expect([isDropped(), cache.size]).toEqual([[true, true, true, true], 0]);
  });
  it('zeroes a secret at its time although nobody asks, and gives it to nobody although no timer came', () => {
    const asleep = cacheOf(2);
    asleep.keep('a');
    asleep.clock.nowMs = 1_000;
    for (const sweep of asleep.sweeps.splice(0)) sweep();
    expect([asleep.isDropped(), asleep.cache.size]).toEqual([[true], 0]);
    const late = cacheOf(2);
    late.keep('a');
    late.clock.nowMs = 1_000;
    expect([late.cache.get('a'), late.isDropped()]).toEqual([undefined, [true]]);
  });
  it('gives each caller a copy, and keeps its own', () => {
    const { cache } = cacheOf(1);
    cache.set('a', new Uint8Array(32).fill(7));
    cache.get('a')?.fill(0); // as callers do
    expect(cache.get('a')).toEqual(new Uint8Array(32).fill(7));
  });
});
