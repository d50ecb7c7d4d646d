import { describe, expect, it } from 'vitest';
import { repairDelayMs, retryDelayMs } from './retry.ts';

const delays = (count: number, maxFast: number) =>
  Array.from({ length: count }, (_, index) => retryDelayMs(index + 1, maxFast, 0));

describe('retryDelayMs', () => {
  it("goes through upstream's fast retries, then on with growing pauses, and never ends", () => {
    expect(delays(8, 5)).toEqual([5, 10, 20, 40, 80, 1000, 2000, 4000]);
    expect(retryDelayMs(10_000, 5, 0)).toBe(300_000);
  });
  it('has no fast phase when told so', () => {
    expect(delays(3, 0)).toEqual([1000, 2000, 4000]);
  });
  it('spreads retries over a fifth of each pause', () => {
    expect(retryDelayMs(1, 0, 1)).toBe(800);
  });
});

describe('repairDelayMs', () => {
  it('repairs at once, then ever later when another hand does not give in', () => {
    expect([0, 1, 2, 3].map(repairDelayMs)).toEqual([0, 500, 1000, 2000]);
    expect(repairDelayMs(1000)).toBe(300_000);
  });
});
