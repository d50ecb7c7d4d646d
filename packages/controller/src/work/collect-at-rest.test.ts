import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../../kube/src/testing/fake-clock.ts';
import { collectAtRest } from './collect-at-rest.ts';

function scene() {
  const clock = new FakeClock();
  const collectedAt: number[] = [];
  const collection = collectAtRest(clock, () => void collectedAt.push(clock.now()));
  return { clock, collectedAt, ...collection };
}

describe('a process that works', () => {
  it('collects its garbage once, five seconds after the last work', async () => {
    const { clock, collectedAt, noteWork } = scene();
    for (let step = 0; step < 4; step += 1) {
      noteWork();
      noteWork();
      await clock.advance(3_000);
    }
    expect(collectedAt).toEqual([]);
    await clock.advance(60_000);
    expect(collectedAt).toEqual([14_000]);
  });
  it('collects again after more work', async () => {
    const { clock, collectedAt, noteWork } = scene();
    noteWork();
    await clock.advance(10_000);
    noteWork();
    await clock.advance(10_000);
    expect(collectedAt).toEqual([5_000, 15_000]);
  });
  it('has one timer, however much it works', async () => {
    const { clock, noteWork } = scene();
    for (let step = 0; step < 100; step += 1) noteWork();
    expect(clock.timerCount).toBe(1);
    await clock.advance(10_000);
    expect(clock.timerCount).toBe(0);
  });
  it('collects at once between two pieces of work, and again at rest', async () => {
    const { clock, collectedAt, noteWork, collectNow } = scene();
    noteWork();
    await clock.advance(1_000);
    collectNow();
    await clock.advance(10_000);
    expect(collectedAt).toEqual([1_000, 5_000]);
  });
  it('does nothing where Node does not offer its collector', () => {
    const clock = new FakeClock();
    const { noteWork, collectNow } = collectAtRest(clock, undefined);
    noteWork();
    collectNow();
    expect([typeof globalThis.gc, clock.timerCount]).toEqual(['undefined', 0]);
  });
});
