import type { ObjectKey } from '../client/types.ts';

/** How many items may be worked on at once in a lane: of one tenant, and of all tenants together. */
export interface LaneLimits {
  readonly perTenant: number;
  readonly total: number;
}

/**
 * A queue of keys. It holds each key once, never hands a key out twice at a time, and serves namespaces by
 * turns.
 */
export interface WorkQueue {
  add(key: ObjectKey): void;
  /** Adds after a delay in milliseconds. */
  addAfter(key: ObjectKey, delayMs: number): void;
  /** The next key, or undefined once the queue is shut down and drained. Call `done` after. */
  next(): Promise<ObjectKey | undefined>;
  done(key: ObjectKey): void;
  /**
   * Lets `next` run dry: drops the keys that wait for a delay, and still hands out ready keys that have a
   * place.
   */
  shutDown(): void;
  readonly length: number;
}
