import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { mapConcurrently } from './map-concurrently.ts';

describe('mapConcurrently', () => {
  it('keeps the order of its inputs whatever finishes first', async () => {
    const outputs = await mapConcurrently([3, 1, 2, 0], 2, async (turns) => {
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      return turns * 10;
    });
    expect(outputs).toEqual([30, 10, 20, 0]);
  });
  it('makes as many calls at once as allowed and never more', async () => {
    let running = 0;
    const seen: number[] = [];
    await mapConcurrently(Array.from({ length: 20 }), 4, async () => {
      seen.push(++running);
      await setImmediate();
      running -= 1;
    });
    expect(Math.max(...seen)).toBe(4);
    expect(seen).toHaveLength(20);
  });
  it('rejects with the first rejection', async () => {
    const fail = () => Promise.reject(new Error('no'));
    await expect(mapConcurrently([1, 2], 2, fail)).rejects.toThrow('no');
  });
  it('starts nothing more after a rejection', async () => {
    const started: number[] = [];
    const mapping = mapConcurrently([1, 2, 3, 4, 5, 6], 2, async (input) => {
      started.push(input);
      await Promise.resolve();
      throw new Error(String(input));
    });
    await expect(mapping).rejects.toThrow('1');
    await setImmediate();
    expect(started).toEqual([1, 2]);
  });
  it('accepts an empty list', async () => {
    expect(await mapConcurrently([], 4, async () => 1)).toEqual([]);
  });
});
