import type { ChangeListener } from '@fuin/kube/cache';
import { keyText, type ObjectKey } from '@fuin/kube/client';
import type { WorkQueue } from '@fuin/kube/workqueue';
import type { Metrics } from '../metrics.ts';
import type { LastUnseals } from '../reconcile/status/last-unseal.ts';
import { expiriesOf } from '../reconcile/value-rules.ts';

/** Timers count no more than 24 days, and drift while a machine sleeps. */
const LONGEST_WAIT_MS = 86_400_000;

/** What watches over the expiry of values. */
export interface ExpiryDeps {
  readonly queue: Pick<WorkQueue, 'addAfter'>;
  readonly metrics: Pick<Metrics, 'expiredValues'>;
  readonly lastUnseals: Pick<LastUnseals, 'onChange'>;
  readonly now: () => Date;
}

/** What is known of an object with values that expire. */
interface Watched {
  readonly timesMs: readonly number[];
  /** When its next expiry was looked for last. */
  readonly lookedMs: number;
}

/**
 * Queues each object again at the moment when a value of it expires, and counts the values that have. Only
 * objects with values that expire are remembered.
 */
export function watchExpiry({ queue, metrics, lastUnseals, now }: ExpiryDeps): ChangeListener {
  const watched = new Map<string, Watched>();
  // values expire without an event
  metrics.expiredValues.countBy(() => {
    const nowMs = now().getTime();
    const times = [...watched.values()].flatMap(({ timesMs }) => timesMs);
    return [{ labels: {}, value: times.filter((timeMs) => timeMs <= nowMs).length }];
  });
  /**
   * Each reconcile ends with a look, and may have begun before the time that the queue waited for. So a time
   * that passed since the last look counts as one to come: the object is queued once more, at once.
   */
  const look = (key: ObjectKey) => {
    const known = watched.get(keyText(key));
    if (!known) return;
    const nowMs = now().getTime();
    const sinceMs = Math.min(known.lookedMs, nowMs); // the clock may be set back
    watched.set(keyText(key), { ...known, lookedMs: nowMs });
    const next = Math.min(...known.timesMs.filter((timeMs) => timeMs > sinceMs));
    if (Number.isFinite(next)) queue.addAfter(key, Math.min(Math.max(0, next - nowMs), LONGEST_WAIT_MS));
  };
  lastUnseals.onChange(look);
  return ({ current, previous }) => {
    const { namespace = '', name = '' } = (current ?? previous)?.metadata ?? {};
    const key = { namespace, name };
    const timesMs = current ? [...expiriesOf(current).values()].map((date) => date.getTime()) : [];
    if (timesMs.length === 0) watched.delete(keyText(key));
    else {
      const lookedMs = watched.get(keyText(key))?.lookedMs ?? now().getTime();
      watched.set(keyText(key), { timesMs, lookedMs });
    }
    look(key);
  };
}
