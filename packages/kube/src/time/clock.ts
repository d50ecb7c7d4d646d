const MAX_TIMER_MS = 2 ** 31 - 1;

/** Time in milliseconds that never runs backwards, and timers that keep no process alive. */
export interface MonotonicClock {
  /** Milliseconds since some fixed moment; only differences are meaningful. */
  now(): number;
  /** Calls back once after `delayMs`; the function it returns cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A source of numbers in [0, 1) that spreads retries of many processes; Math.random outside tests. */
export type Jitter = () => number;
/** The process's own monotonic clock. */
export const systemClock: MonotonicClock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMs), MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts; never rejects. */
export function sleep(clock: MonotonicClock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
