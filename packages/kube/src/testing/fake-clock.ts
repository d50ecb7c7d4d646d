import type { MonotonicClock } from '../time/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock for tests: time passes only by `advance`, which rings every timer that falls due, in order. */
export class FakeClock implements MonotonicClock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Milliseconds until the next timer, undefined without any. */
  get nextDelayMs(): number | undefined {
    const next = this.#next();
    return next && next.dueMs - this.#nowMs;
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  /** Lets `delayMs` milliseconds pass, and everything that waits for them take its turn. */
  async advance(delayMs: number): Promise<void> {
    await settle();
    const endMs = this.#nowMs + delayMs;
    for (let timer = this.#next(); timer && timer.dueMs <= endMs; timer = this.#next()) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      this.#timers.delete(timer);
      timer.callback();
      await settle();
    }
    this.#nowMs = endMs;
    await settle();
  }

  /** Time passes and nobody notices, as for a process that is stopped: timers ring at the next `advance`. */
  jump(delayMs: number): void {
    this.#nowMs += delayMs;
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
  }
}

/** Lets every promise that can go on do so, without time passing. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
