import { RecentMap } from '@fuin/kube/recent-map';

/** How fast one peer may send requests: `perSecond` in the long run, `burst` more at once. */
export interface PeerRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The decision about a request. Times in milliseconds. */
export interface Verdict {
  readonly isAllowed: boolean;
  /** How many requests a rested peer may send at once. */
  readonly limit: number;
  readonly remaining: number;
  /** Until the peer counts as rested again. */
  readonly resetMs: number;
  /** Until the next request would be allowed; 0 when this one was. */
  readonly retryAfterMs: number;
}

const MAX_PEERS = 4096;
/**
 * Time on the only thread that is free for each request. Reading an object of usual size takes a few
 * milliseconds.
 */
const FREE_BUSY_MS = 20;
/** A peer gets only this share of the thread beyond that: others must get it between the peer's requests. */
const BUSY_SHARE = 0.1;
/** Time for opening values that is free for each request: Secrets of usual size take a few milliseconds. */
const FREE_OPENING_MS = 500;
/** Sums of milliseconds with fractions are off by less than this part of an interval. */
const ROUNDING = 1e-6;

/**
 * A token bucket for each peer, stored as one number (GCRA, like upstream's limiter). A peer is the address
 * at the other end of the connection; the client chooses its headers. Everything that kubeseal sends through
 * the API server therefore shares the API server's bucket: all users together have its rate, and get the time
 * to retry (kubeseal does, ten times).
 */
export class PeerLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #limit: number;
  /** Theoretical arrival time per peer. */
  readonly #arrivals = new RecentMap<number>(MAX_PEERS);

  constructor({ perSecond, burst }: PeerRate) {
    this.#intervalMs = 1000 / perSecond;
    this.#toleranceMs = this.#intervalMs * burst;
    this.#limit = burst + 1;
  }

  /** Counts a request of `peer` at `nowMs`, or refuses it without counting. */
  take(peer: string, nowMs: number): Verdict {
    const before = Math.max(nowMs, this.#arrivals.get(peer) ?? 0);
    const waitMs = before - this.#toleranceMs - nowMs;
    const isAllowed = waitMs <= ROUNDING * this.#intervalMs;
    const arrival = isAllowed ? before + this.#intervalMs : before;
    this.#arrivals.set(peer, arrival);
    const usedMs = arrival - nowMs;
    return {
      isAllowed,
      limit: this.#limit,
      remaining: Math.max(0, this.#limit - Math.ceil(usedMs / this.#intervalMs - ROUNDING)),
      resetMs: usedMs,
      retryAfterMs: isAllowed ? 0 : waitMs,
    };
  }

  /** Makes `peer` wait for the time that its request kept the only thread busy: ten times as long. */
  charge(peer: string, busyMs: number, nowMs: number): void {
    if (busyMs <= FREE_BUSY_MS) return;
    const before = Math.max(nowMs, this.#arrivals.get(peer) ?? 0);
    this.#arrivals.set(peer, before + (busyMs - FREE_BUSY_MS) / BUSY_SHARE);
  }

  /** Makes `peer` wait as long as opening its values took: half of the time is for others. */
  chargeOpening(peer: string, openingMs: number, nowMs: number): void {
    if (openingMs <= FREE_OPENING_MS) return;
    const before = Math.max(nowMs, this.#arrivals.get(peer) ?? 0);
    this.#arrivals.set(peer, before + openingMs);
  }
}
