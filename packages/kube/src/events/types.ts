import type { ObjectMeta } from '@fuin/crypto-core';

/** The object that an event is about. */
export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/**
 * Writes core/v1 Events; never rejects, aggregates repeats (count, lastTimestamp) and limits their rate per
 * object.
 */
export interface EventRecorder {
  record(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
}
