import type { KubeObject } from '@fuin/kube/client';
import type { Gauge } from 'prom-client';
import { conditionsOf } from '../reconcile/status/conditions.ts';

/** What a controller finds when it starts. */
export interface Inventory {
  readonly sealedSecrets: number;
  /** SealedSecrets whose status does not say `Synced`: failing, or not reconciled yet. */
  readonly notSynced: number;
  /** Sealing keys that can open values. */
  readonly keys: number;
  /** SealedSecrets that need an older key than the one served; undefined if unknown. */
  readonly stale: number | undefined;
}

/** Counts what the first lists and the metrics show. */
export async function takeInventory(
  sealedSecrets: Iterable<KubeObject>,
  keys: number,
  staleSealedSecrets: Gauge,
): Promise<Inventory> {
  const objects = [...sealedSecrets];
  const { values } = await staleSealedSecrets.get();
  return {
    sealedSecrets: objects.length,
    notSynced: objects.filter((object) => !isSynced(object)).length,
    keys,
    stale: values[0]?.value,
  };
}

function isSynced({ status }: KubeObject): boolean {
  return conditionsOf(status).some((condition) => condition.type === 'Synced' && condition.status === 'True');
}
