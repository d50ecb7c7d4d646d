import { type MonotonicClock, sleep } from './clock.ts';

/** How fast something may happen: `perSecond` in the long run, `burst` at once. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** A token bucket to which the caller passes the time in milliseconds. Starts full. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #updatedMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#updatedMs = nowMs;
  }

  /** Takes a token if there is one. */
  tryTake(nowMs: number): boolean {
    this.#refill(nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Takes a token, a future one if necessary; returns the milliseconds to wait before it may be used. */
  reserve(nowMs: number): number {
    this.#refill(nowMs);
    this.#tokens -= 1;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate.perSecond) * 1000;
  }

  #refill(nowMs: number): void {
    const gained = (Math.max(0, nowMs - this.#updatedMs) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + gained);
    this.#updatedMs = nowMs;
  }
}

/** Returns a function that waits for its turn; without a rate it never waits. */
export function createThrottle(rate: Rate | undefined, clock: MonotonicClock): () => Promise<void> {
  if (!rate) return () => Promise.resolve();
  const bucket = new TokenBucket(rate, clock.now());
  return async () => {
    const delayMs = bucket.reserve(clock.now());
    if (delayMs > 0) await sleep(clock, delayMs);
  };
}
