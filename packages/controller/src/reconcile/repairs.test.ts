import { describe, expect, it } from 'vitest';
import { Repairs } from './repairs.ts';

const KEY = { namespace: 'blue', name: 'db' };

function scene() {
  const clock = { nowMs: 0 };
  return { clock, repairs: new Repairs(() => clock.nowMs) };
}

describe('Repairs', () => {
  it('waits twice as long after each change, five minutes at most, and not at all once all was calm', () => {
    const { clock, repairs } = scene();
    const delays = [3, 5, 7, 9].map((found) => {
      const delayMs = repairs.delayMs(KEY);
      repairs.note(KEY, String(found), String(found + 1));
      return delayMs;
    });
    expect(delays).toEqual([0, 500, 1000, 2000]);
    for (let found = 11; found < 51; found += 2) repairs.note(KEY, String(found), String(found + 1));
    expect(repairs.delayMs(KEY)).toBe(300_000);
    clock.nowMs = 3_600_000;
    expect(repairs.delayMs(KEY)).toBe(0);
  });
  it.each([
    [600_000, 500],
    [600_001, 0],
  ])('waits after %i ms of calm for %i ms', (calmMs, delayMs) => {
    const { clock, repairs } = scene();
    clock.nowMs = 5_000_000;
    repairs.note(KEY, '3', '4');
    clock.nowMs += calmMs;
    expect(repairs.delayMs(KEY)).toBe(delayMs);
  });
  it('does not count what an earlier reconcile wrote itself', () => {
    const { repairs } = scene();
    repairs.note(KEY, '3', '4');
    repairs.note(KEY, '4', '4');
    expect(repairs.delayMs(KEY)).toBe(500);
  });
  it('keeps no row of a Secret that is calm again, even if nobody saw its end', () => {
    const { clock, repairs } = scene();
    for (let index = 0; index < 1_000; index++) {
      clock.nowMs += 60_000;
      repairs.note({ namespace: 'previews', name: `db-${index}` }, '1', '2');
      repairs.note(KEY, '1', '2');
      expect(repairs.size).toBeLessThanOrEqual(12);
    }
  });
  it('starts from zero with a Secret that was created again', () => {
    const { repairs } = scene();
    repairs.note(KEY, '3', '4');
    repairs.forget(KEY);
    expect(repairs.delayMs(KEY)).toBe(0);
  });
});
