import type { KubeObject, ObjectKey } from '../client/types.ts';

/** A cache of one collection. Objects are frozen. Absent means nonexistent, or not seen yet. */
export interface Lister {
  get(key: ObjectKey): KubeObject | undefined;
  list(): Iterable<KubeObject>;
  readonly hasSynced: boolean;
}

/** Called after the cache has changed; `current` is undefined for a deletion, `previous` for an addition. */
export type ChangeListener = (change: {
  readonly current?: KubeObject;
  readonly previous?: KubeObject;
}) => void;

/**
 * Keeps a Lister equal to the server without end: paged list, watch, bookmarks, resume, 410, backoff with
 * jitter.
 */
export interface Informer {
  readonly lister: Lister;
  /** Resolves when the first full list is in the cache; rejects only when `signal` aborts first. */
  start(signal: AbortSignal): Promise<void>;
  /**
   * Milliseconds since the loop itself last took a step, planned waits not counted: for liveness. A missing
   * server does not make it grow. More than two idle limits (6 minutes) mean that the loop is stuck.
   */
  readonly stalledMs: number;
}
