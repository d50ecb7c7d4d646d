import { describe, expect, it } from 'vitest';
import { pickFrom, randomBelow } from './generators.ts';

describe('pickFrom', () => {
  it('asks for a number below the length of the alphabet for each character, so that none is preferred', () => {
    const numbers = [0, 2, 1];
    const limits: number[] = [];
    const below = (limit: number) => {
      limits.push(limit);
      return numbers[limits.length - 1] ?? 0;
    };
    expect(pickFrom('abc', 3, below)).toBe('acb');
    expect(limits).toEqual([3, 3, 3]);
  });
});

describe('randomBelow', () => {
  it('uses no number of the last, incomplete run, so that no result is preferred', () => {
    const numbers = [2 ** 32 - 1, 4];
    expect(randomBelow(3, () => numbers.shift() ?? 0)).toBe(1);
  });
  it('gives every result below the limit', () => {
    const results = new Set(Array.from({ length: 500 }, () => randomBelow(5)));
    expect([...results].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
