import type { ThreadClock } from './limits/guard.ts';

/** Time, as a rendering sees it. */
export interface RenderingClock extends ThreadClock {
  /** Waits; even 0 lets those come in whose requests have arrived. */
  readonly pause: (delayMs: number) => Promise<unknown>;
}

/** After a rendering the thread is left to others for so many times as long. */
const REST = 9;

/**
 * Renders one text for all who wait, since thousands of series take the one thread tens of milliseconds, and rests after
 * it: a tenth of the thread is the most that renderings take, however many ask. Who asks gets a text that was begun
 * later, so nobody is told what is out of date.
 */
export function shareRendering(render: () => Promise<string>, clock: RenderingClock): () => Promise<Buffer> {
  let notBeforeMs = 0;
  let latest: Promise<unknown> = Promise.resolve();
  let next: Promise<Buffer> | undefined;
  const renderNext = async (before: Promise<unknown>): Promise<Buffer> => {
    await before.catch(() => undefined);
    await clock.pause(Math.max(0, notBeforeMs - clock.nowMs()));
    next = undefined;
    const startedMs = clock.busyMs();
    try {
      return Buffer.from(await render());
    } finally {
      notBeforeMs = clock.nowMs() + REST * (clock.busyMs() - startedMs);
    }
  };
  return () => {
    if (!next) {
      next = renderNext(latest);
      latest = next;
    }
    return next;
  };
}
