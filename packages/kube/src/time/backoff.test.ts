import { describe, expect, it } from 'vitest';
import { backoffDelayMs } from './backoff.ts';

describe('backoffDelayMs', () => {
  const policy = { baseMs: 100, capMs: 1_000, spread: 0.5 };

  it.each([
    [1, 100],
    [2, 200],
    [4, 800],
    [5, 1_000],
    [10_000, 1_000],
  ])('after %i failures waits %i ms at most', (failures, delayMs) => {
    expect(backoffDelayMs(policy, failures, () => 0)).toBe(delayMs);
  });

  it('takes off no more than the random share', () => {
    expect(backoffDelayMs(policy, 1, () => 0.999_999)).toBeCloseTo(50, 2);
  });
});
