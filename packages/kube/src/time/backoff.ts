import type { Jitter } from './clock.ts';

/** How delays between attempts grow; milliseconds. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  /** Share of each delay that is random, 0 to 1: 0.5 spreads over the upper half. */
  readonly spread: number;
}

/** For talking to an API server in trouble: 0.4-0.8 s first, half a minute at most. */
export const SERVER_BACKOFF: BackoffPolicy = { baseMs: 800, capMs: 30_000, spread: 0.5 };

/**
 * Milliseconds to wait after `failures` failures in a row (1 or more): doubling, capped, then shortened at
 * random.
 */
export function backoffDelayMs(policy: BackoffPolicy, failures: number, jitter: Jitter): number {
  const exponent = Math.min(Math.max(0, failures - 1), 60);
  const full = Math.min(policy.capMs, policy.baseMs * 2 ** exponent);
  return full * (1 - policy.spread * jitter());
}
