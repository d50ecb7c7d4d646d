import { RecentMap } from '@fuin/kube/recent-map';

/** How fast one peer may ask: `perSecond` in the long run, `burst` more at once. */
export interface PeerRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a peer is told. Times in milliseconds. */
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
/** What any request may take of the one thread. Reading an object of the usual size takes a few milliseconds. */
const FREE_BUSY_MS = 20;
/** Of the time beyond that a peer has so small a part: others must get the thread between its requests. */
const BUSY_SHARE = 0.1;
/** What opening may take of any request: Secrets of the usual size take a few milliseconds. */
const FREE_OPENING_MS = 500;
/** Sums of milliseconds with fractions are off by less than this part of an interval. */
const ROUNDING = 1e-6;

/**
 * A token bucket per peer, kept as one number each (GCRA, as upstream's limiter). A peer is the address at the other end
 * of the connection: headers are the client's to choose. What kubeseal sends through the API server therefore shares
 * the API server's bucket: all users together have its rate, and are told when to come back (kubeseal does, ten times).
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

  /** Makes `peer` wait for the time that its request kept the one thread: ten times what it was busy. */
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
