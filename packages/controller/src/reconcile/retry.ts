const FAST_BASE_MS = 5;
const SLOW_BASE_MS = 1_000;
const LONGEST_MS = 300_000;

/**
 * Milliseconds to wait after `failures` failures in a row: first `maxFastRetries` retries as upstream times them (5 ms,
 * doubling), then pauses from a second to five minutes for ever. Up to a fifth of each is taken off at random, so that
 * many objects that failed together do not come back together.
 *
 * @param random 0 to 1
 */
export function retryDelayMs(failures: number, maxFastRetries: number, random: number): number {
  const isFast = failures <= maxFastRetries;
  const baseMs = isFast ? FAST_BASE_MS : SLOW_BASE_MS;
  const exponent = isFast ? failures - 1 : failures - maxFastRetries - 1;
  return Math.min(LONGEST_MS, baseMs * 2 ** Math.min(exponent, 30)) * (1 - 0.2 * random);
}

/**
 * Milliseconds to wait before a Secret that another hand changed is put back, after `repairs` repairs in a row: none at
 * first, then longer and longer, so that two controllers that disagree do not keep the API server busy.
 */
export function repairDelayMs(repairs: number): number {
  return repairs === 0 ? 0 : Math.min(LONGEST_MS, 250 * 2 ** Math.min(repairs, 30));
}
