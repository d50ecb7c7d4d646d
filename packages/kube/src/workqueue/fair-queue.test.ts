import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';
import type { LaneLimits } from './types.ts';

const FREE = { perTenant: 100, total: 100 };

/** Items are named tenant/name; `slow` says which of them are slow now. */
function fairQueue(fast: LaneLimits, slow: LaneLimits = FREE) {
  const isSlow = new Set<string>();
  const queue = new FairQueue({
    limits: { fast, slow },
    laneOf: (item) => (isSlow.has(item) ? 'slow' : 'fast'),
    tenantOf: (item) => item.split('/')[0] ?? '',
  });
  const take = (count: number) => Array.from({ length: count }, () => queue.take());
  const add = (...items: string[]) => {
    for (const item of items) queue.add(item);
  };
  return { queue, isSlow, take, add };
}

describe('FairQueue', () => {
  it('serves tenants in turn, and the items of one in order of arrival', () => {
    const { add, take } = fairQueue(FREE);
    add('a/1', 'a/2', 'a/3', 'b/1', 'c/1', 'b/2');
    expect(take(7)).toEqual(['a/1', 'b/1', 'c/1', 'a/2', 'b/2', 'a/3', undefined]);
  });
  it('keeps the order of arrival, however arrivals and turns alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20, max: 20 })), (steps) => {
        const { add, take } = fairQueue({ perTenant: 1_000, total: 1_000 });
        let [added, taken] = [0, 0];
        for (const step of steps) {
          for (let at = 0; at < step; at++) add(`a/${added++}`);
          for (let at = step; at < 0; at++)
            expect(take(1)).toEqual([taken < added ? `a/${taken++}` : undefined]);
        }
      }),
    );
  });
  it('serves who has nothing in hand before who has', () => {
    const { add, take } = fairQueue(FREE);
    add('a/1', 'b/1');
    take(2);
    add('a/2', 'b/2', 'new/1');
    expect(take(3)).toEqual(['new/1', 'a/2', 'b/2']);
  });
  it('gives no tenant, and no lane, more places than it has, and one back with each item that leaves', () => {
    const { queue, add, take } = fairQueue({ perTenant: 2, total: 3 });
    add('a/1', 'a/2', 'a/3', 'b/1', 'b/2');
    expect(take(4)).toEqual(['a/1', 'b/1', 'a/2', undefined]);
    queue.leave('a/1');
    expect(take(2)).toEqual(['b/2', undefined]);
    queue.leave('b/1');
    expect(take(2)).toEqual(['a/3', undefined]);
  });
  it('serves lanes in turn, so that none waits for another to run dry', () => {
    const { add, take, isSlow } = fairQueue(FREE);
    for (const item of ['a/3', 'a/4']) isSlow.add(item);
    add('a/1', 'a/2', 'a/3', 'a/4');
    expect(take(4)).toEqual(['a/1', 'a/3', 'a/2', 'a/4']);
  });
  it('moves an item whose lane has changed since it came in', () => {
    const { queue, add, take, isSlow } = fairQueue(FREE, { perTenant: 1, total: 1 });
    add('a/1', 'a/2', 'a/3', 'b/1');
    for (const item of ['a/1', 'a/2']) isSlow.add(item);
    expect(take(4)).toEqual(['b/1', 'a/1', 'a/3', undefined]);
    queue.leave('a/1');
    expect(take(1)).toEqual(['a/2']);
  });
});
