import type { KeyRegistry } from './keys/registry.ts';
import type { ChangeListener, KubeObject } from './kube/ports.ts';
import type { Metrics } from './metrics.ts';
import { recordOf } from './reconcile/conditions.ts';

type Keys = Pick<KeyRegistry, 'newest' | 'onChange' | 'oldestSince'>;
type Gauges = Pick<Metrics, 'staleSealedSecrets' | 'oldestKeyInUse'>;

/**
 * Keeps the metrics of key use true to what the status of each SealedSecret says of its last success: how many were opened
 * by another key than the one served now, and how old the oldest key is that is still needed. Objects without such a
 * status (never opened, failing, or `--update-status=false`) do not count.
 */
export function observeKeyUse({ staleSealedSecrets, oldestKeyInUse }: Gauges, keys: Keys): ChangeListener {
  /** Fingerprints by object, and objects by fingerprint: one change must not cost a look at every object. */
  const openedBy = new Map<string, readonly string[]>();
  const users = new Map<string, number>();
  let served: string | undefined;
  let stale = 0;
  const isStale = (fingerprints: readonly string[]) => fingerprints.some((each) => each !== served);
  const count = (fingerprints: readonly string[], by: 1 | -1) => {
    if (isStale(fingerprints)) stale += by;
    for (const each of fingerprints) {
      const left = (users.get(each) ?? 0) + by;
      if (left > 0) users.set(each, left);
      else users.delete(each);
    }
  };
  const measure = () => {
    // by the keys there are: a status may name fingerprints without number that are none
    const oldest = keys.oldestSince((fingerprint) => users.has(fingerprint));
    staleSealedSecrets.set(stale);
    oldestKeyInUse.set((oldest?.getTime() ?? 0) / 1000);
  };
  keys.onChange(() => {
    served = keys.newest?.keyPair.fingerprint;
    stale = [...openedBy.values()].filter(isStale).length;
    measure();
  });
  return ({ current, previous }) => {
    const { namespace, name } = (current ?? previous)?.metadata ?? {};
    const key = `${namespace}/${name}`;
    const before = openedBy.get(key) ?? [];
    const after = current ? fingerprintsIn(current) : [];
    if (String(before) === String(after)) return;
    count(before, -1);
    count(after, 1);
    if (after.length > 0) openedBy.set(key, after);
    else openedBy.delete(key);
    measure();
  };
}

/** Which keys the status says were needed, each once. Anyone who may write a status could have written it. */
function fingerprintsIn(object: KubeObject): string[] {
  const { keys } = recordOf(recordOf(object['status'])['lastUnseal']);
  const fingerprints = Object.values(recordOf(keys)).filter((each) => typeof each === 'string');
  return [...new Set(fingerprints)].sort();
}
