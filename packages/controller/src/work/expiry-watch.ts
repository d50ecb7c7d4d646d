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

/**
 * Queues each object again at the moment when a value of it expires, and counts the values that have. Only
 * objects with values that expire are remembered.
 */
export function watchExpiry({ queue, metrics, lastUnseals, now }: ExpiryDeps): ChangeListener {
  const timesMs = new Map<string, readonly number[]>();
  // values expire without an event
  metrics.expiredValues.countBy(() => {
    const nowMs = now().getTime();
    const value = [...timesMs.values()].flat().filter((timeMs) => timeMs <= nowMs).length;
    return [{ labels: {}, value }];
  });
  const wait = (key: ObjectKey) => {
    const nowMs = now().getTime();
    const next = Math.min(...(timesMs.get(keyText(key)) ?? []).filter((timeMs) => timeMs > nowMs));
    if (Number.isFinite(next)) queue.addAfter(key, Math.min(next - nowMs, LONGEST_WAIT_MS));
  };
  lastUnseals.onChange(wait); // each reconcile may come before the time
  return ({ current, previous }) => {
    const { namespace = '', name = '' } = (current ?? previous)?.metadata ?? {};
    const times = current ? [...expiriesOf(current).values()].map((date) => date.getTime()) : [];
    if (times.length === 0) timesMs.delete(keyText({ namespace, name }));
    else timesMs.set(keyText({ namespace, name }), times);
    wait({ namespace, name });
  };
}
