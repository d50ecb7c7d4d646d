import type { ThreadClock } from './limits/guard.ts';

/** Time during a rendering. */
export interface RenderingClock extends ThreadClock {
  /** Waits. Even 0 lets requests that have arrived be read. */
  readonly pause: (delayMs: number) => Promise<unknown>;
}

/** After a rendering, the thread is free for others for this many times as long. */
const REST = 9;

/**
 * Renders one text for all waiting requests, because thousands of series keep the only thread busy for tens
 * of milliseconds. Then it rests: renderings take at most a tenth of the thread, however many requests come.
 * A request gets a text whose rendering began after the request, so the text is never outdated.
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
