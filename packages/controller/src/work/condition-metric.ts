import type { ChangeListener } from '@fuin/kube/cache';
import type { KubeObject } from '@fuin/kube/client';
import { type Metrics, SHOWN_REASONS } from '../metrics.ts';
import { conditionsOf } from '../reconcile/status/conditions.ts';

const VALUES: Readonly<Record<string, number>> = { True: 1, False: -1, Unknown: 0 };
/**
 * The condition that upstream writes, and no other. `Ready` says the same and would double the series, and
 * anyone who may write a status could create any number of series.
 */
const CONDITION = 'Synced';
const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** Keeps upstream's `condition_info` equal to the Synced condition, whichever controller wrote it. */
export function observeConditions({ conditionInfo }: Pick<Metrics, 'conditionInfo'>): ChangeListener {
  return ({ current, previous }) => {
    for (const { labels } of previous ? seriesOf(previous) : []) conditionInfo.remove(labels);
    for (const { labels, value } of current ? seriesOf(current) : []) conditionInfo.set(labels, value);
  };
}

/**
 * Removes the errors of a namespace from the metrics with its last SealedSecret: the number of namespaces
 * over time is unlimited.
 */
export function forgetNamespaces({ unsealErrors }: Pick<Metrics, 'unsealErrors'>): ChangeListener {
  const counts = new Map<string, number>();
  return ({ current, previous }) => {
    const { namespace = '' } = (current ?? previous)?.metadata ?? {};
    const count = (counts.get(namespace) ?? 0) + (current ? 1 : 0) - (previous ? 1 : 0);
    counts.set(namespace, count);
    if (count > 0) return;
    counts.delete(namespace);
    for (const reason of SHOWN_REASONS) unsealErrors.remove({ reason, namespace });
  };
}

function seriesOf(object: KubeObject) {
  const { namespace = '', name = '', labels } = object.metadata;
  const instance = String(labels?.[INSTANCE_LABEL] ?? '');
  const known = conditionsOf(object['status']).filter(({ type }) => type === CONDITION);
  return known.map(({ type, status }) => ({
    labels: { namespace, name, condition: type, ss_app_kubernetes_io_instance: instance },
    value: VALUES[status] ?? 0,
  }));
}
