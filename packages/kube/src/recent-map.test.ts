import { expect, it } from 'vitest';
import { RecentMap } from './recent-map.ts';

it('forgets the entry that was written longest ago, and keeps one that was written anew', () => {
  const map = new RecentMap<number>(2);
  map.set('a', 1);
  map.set('b', 2);
  map.set('a', 3);
  map.set('c', 4);
  expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});
it('makes the value of a key once, and counts that as written', () => {
  const map = new RecentMap<number>(2);
  expect([map.getOrAdd('a', () => 1), map.getOrAdd('b', () => 2), map.getOrAdd('a', () => 3)]).toEqual([
    1, 2, 1,
  ]);
  map.set('c', 4);
  expect(['a', 'b'].map((key) => map.get(key))).toEqual([1, undefined]);
});
