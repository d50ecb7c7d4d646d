import { describe, expect, it } from 'vitest';
import { shareRendering } from './shared-rendering.ts';

/** Renders numbers; time passes by pauses and by the work that a rendering is. */
function scene({ workMs = 100, busyMs = 0 } = {}) {
  const state = { nowMs: 0, busyMs, renderings: 0 };
  const render = async () => {
    state.busyMs += workMs;
    state.nowMs += workMs;
    state.renderings += 1;
    return `text ${state.renderings}`;
  };
  const pause = async (delayMs: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    state.nowMs += delayMs;
  };
  const ask = shareRendering(render, { nowMs: () => state.nowMs, busyMs: () => state.busyMs, pause });
  return { state, ask: async () => String(await ask()) };
}

describe('shareRendering', () => {
  it('renders once for all who wait', async () => {
    const { state, ask } = scene();
    const texts = await Promise.all(Array.from({ length: 100 }, ask));
    expect([new Set(texts), state.renderings]).toEqual([new Set(['text 1']), 1]);
  });
  it('gives no request a text whose rendering began before it', async () => {
    const { ask } = scene();
    expect([await ask(), await ask()]).toEqual(['text 1', 'text 2']);
  });
  it('takes a tenth of the thread at most, however often it is asked', async () => {
    const { state, ask } = scene();
    for (let count = 0; count < 50; count++) await ask();
    expect(state.busyMs / state.nowMs).toBeLessThan(0.103); // the first comes without a rest
  });
  it('does not delay a request if the last rendering was long ago', async () => {
    const { state, ask } = scene({ busyMs: 5_000 }); // what the thread did before does not count
    await ask();
    state.nowMs += 900;
    const askedMs = state.nowMs;
    await ask();
    expect(state.nowMs - askedMs).toBe(100);
  });
  it('renders again after one that failed', async () => {
    let failures = 1;
    const clock = { nowMs: () => 0, busyMs: () => 0, pause: async () => undefined };
    const ask = shareRendering(async () => {
      failures -= 1;
      if (failures >= 0) throw new Error('no');
      return 'text';
    }, clock);
    const [first, second] = [ask(), ask()];
    await expect(first).rejects.toThrow('no');
    await expect(second).rejects.toThrow('no');
    expect(String(await ask())).toBe('text');
  });
});
