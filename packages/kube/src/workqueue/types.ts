import type { ObjectKey } from '../client/types.ts';

/** How many items may be worked on at once in a lane: of one tenant, and of all tenants together. */
export interface LaneLimits {
  readonly perTenant: number;
  readonly total: number;
}

/** A queue of keys: each key is in it once, and never worked on twice at a time; namespaces are served by turns. */
export interface WorkQueue {
  add(key: ObjectKey): void;
  /** Adds after a delay in milliseconds. */
  addAfter(key: ObjectKey, delayMs: number): void;
  /** The next key, or undefined once the queue is shut down and drained. Call `done` after. */
  next(): Promise<ObjectKey | undefined>;
  done(key: ObjectKey): void;
  /** Lets `next` run dry: keys waiting for a delay are dropped, keys ready are still handed out as far as they have a place. */
  shutDown(): void;
  readonly length: number;
}
