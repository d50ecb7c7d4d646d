// Clocks that never run backwards, and how long to wait between attempts.
export { type BackoffPolicy, backoffDelayMs, SERVER_BACKOFF } from './backoff.ts';
export { type MonotonicClock, sleep, systemClock } from './clock.ts';
