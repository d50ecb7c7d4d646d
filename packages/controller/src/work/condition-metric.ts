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

/**
 * Makes upstream's `condition_info` show the Synced condition of each SealedSecret, whichever controller
 * wrote it. It is counted when it is read: as a stored series, it would take 340 bytes of memory for each
 * object.
 */
export function showConditions(
  { conditionInfo }: Pick<Metrics, 'conditionInfo'>,
  list: () => Iterable<KubeObject>,
): void {
  conditionInfo.countBy(() => Array.from(list()).flatMap(seriesOf));
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

function seriesOf({ metadata, status }: KubeObject) {
  const { namespace = '', name = '', labels } = metadata;
  const known = conditionsOf(status).findLast(({ type }) => type === CONDITION);
  if (!known) return [];
  const instance = String(labels?.[INSTANCE_LABEL] ?? '');
  return [
    {
      labels: { namespace, name, condition: CONDITION, ss_app_kubernetes_io_instance: instance },
      value: VALUES[known.status] ?? 0,
    },
  ];
}
