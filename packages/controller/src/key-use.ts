import type { KeyRegistry } from './keys/registry.ts';
import type { ChangeListener, EventRecorder, KubeObject } from './kube/ports.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { recordOf } from './reconcile/conditions.ts';

/** What the use of keys is read from and told to. */
export interface KeyUseDeps {
  readonly metrics: Pick<Metrics, 'staleSealedSecrets' | 'keylessSealedSecrets' | 'oldestKeyInUse'>;
  readonly keys: Pick<KeyRegistry, 'keyRing' | 'newest' | 'onChange' | 'onLoss' | 'oldestSince'>;
  /** Where key Secrets are. */
  readonly namespace: string;
  readonly events: EventRecorder;
  readonly log: Logger;
}

/**
 * Keeps the metrics of key use true to what the status of each SealedSecret says of its last success: how many were opened
 * by another key than the one served now, how many by one that is gone, and how old the oldest key is that is still needed.
 * Objects without such a status (never opened, failing, or `--update-status=false`) do not count. A key that is lost while
 * it is needed is told.
 */
export function observeKeyUse({ metrics, keys, namespace, events, log }: KeyUseDeps): ChangeListener {
  /** Fingerprints by object, and objects by fingerprint: one change must not cost a look at every object. */
  const openedBy = new Map<string, readonly string[]>();
  const users = new Map<string, number>();
  let served: string | undefined;
  let present = new Set<string>();
  let stale = 0;
  let keyless = 0;
  const isStale = (fingerprints: readonly string[]) => fingerprints.some((each) => each !== served);
  const isKeyless = (fingerprints: readonly string[]) => fingerprints.some((each) => !present.has(each));
  const count = (fingerprints: readonly string[], by: 1 | -1) => {
    if (isStale(fingerprints)) stale += by;
    if (isKeyless(fingerprints)) keyless += by;
    for (const each of fingerprints) {
      const left = (users.get(each) ?? 0) + by;
      if (left > 0) users.set(each, left);
      else users.delete(each);
    }
  };
  const measure = () => {
    metrics.staleSealedSecrets.set(stale);
    metrics.keylessSealedSecrets.set(keyless);
    // by the keys that are or were there: a status may name fingerprints without number that are none
    const oldest = keys.oldestSince((fingerprint) => users.has(fingerprint));
    if (!oldest && keyless > 0)
      metrics.oldestKeyInUse.remove(); // 0 would say that no key is needed
    else metrics.oldestKeyInUse.set((oldest?.getTime() ?? 0) / 1000);
  };
  keys.onChange(() => {
    served = keys.newest?.keyPair.fingerprint;
    present = new Set(keys.keyRing.keys.map(({ fingerprint }) => fingerprint));
    stale = [...openedBy.values()].filter(isStale).length;
    keyless = [...openedBy.values()].filter(isKeyless).length;
    measure();
  });
  keys.onLoss(({ name, keyPair: { fingerprint } }) => {
    const sealedSecrets = users.get(fingerprint) ?? 0;
    if (sealedSecrets === 0) return;
    log.warn('a key that is needed is gone', { secret: name, fingerprint, sealedSecrets });
    const target = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } };
    events.record(
      target,
      'Warning',
      'KeyLost',
      `the key ${fingerprint} is gone, which opened ${sealedSecrets} SealedSecrets: restore it, or seal them again`,
    );
  });
  return ({ current, previous }) => {
    const metadata = (current ?? previous)?.metadata;
    const key = `${metadata?.namespace}/${metadata?.name}`;
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
