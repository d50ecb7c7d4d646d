import type { ChangeListener } from '@fuin/kube/cache';
import { type KubeObject, keyText, type ObjectKey } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import { recordOf } from '@fuin/kube/record';
import type { KeyRegistry } from '../keys/registry.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { conditionsOf } from '../reconcile/status/conditions.ts';
import type { LastUnseals } from '../reconcile/status/last-unseal.ts';
import { SharedValues } from '../reconcile/status/shared-values.ts';

type Keys = Pick<KeyRegistry, 'keyRing' | 'newest' | 'offeredV2' | 'onChange' | 'onLoss' | 'oldestSince'>;
type Gauges = Pick<Metrics, 'staleSealedSecrets' | 'keylessSealedSecrets' | 'oldestKeyInUse'>;
type Memory = Pick<LastUnseals, 'of' | 'isFailing' | 'onChange'>;

/** Fingerprints of the keys that an object needs, each once; `unknown` if neither status nor memory says. */
type Use = readonly string[] | 'unknown';

/** Keeps the metrics of key use up to date. */
export interface KeyUseObserver {
  readonly notice: ChangeListener;
  /** From now on the numbers count: every SealedSecret was seen once. */
  complete(): void;
}

/** What the use of keys is read from, and where it is reported. */
export interface KeyUseDeps {
  readonly metrics: Gauges;
  readonly keys: Keys;
  /** Namespace of the key Secrets. */
  readonly namespace: string;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly lastUnseals: Memory;
  readonly sealedSecrets: { get(key: ObjectKey): KubeObject | undefined };
}

/**
 * Keeps the metrics of key use true: how many SealedSecrets were opened by another key than those served now
 * (one a format), how many by a key that was removed, and how old the oldest key is that is still needed. The
 * status of each object says which keys it needs. If a status cannot say so (`--update-status=false`, another
 * CRD), the memory of this process does. While neither knows it for some object, stale and oldest are absent:
 * anyone who retires keys by them must not read a number that is too low. Objects that fail do not count. A
 * key that is removed while it is needed is reported.
 */
export function observeKeyUse(deps: KeyUseDeps): KeyUseObserver {
  const { metrics, keys, lastUnseals, sealedSecrets } = deps;
  const uses = new KeyUses(metrics, keys);
  keys.onLoss((lost) => tellLoss(deps, lost.name, lost.keyPair.id, uses.usersOf(lost.keyPair.id)));
  const look = (key: ObjectKey, object: KubeObject | undefined) =>
    uses.set(keyText(key), object ? useOf(key, object, lastUnseals) : []);
  lastUnseals.onChange((key) => look(key, sealedSecrets.get(key)));
  return {
    notice: ({ current, previous }) => {
      const { namespace = '', name = '' } = (current ?? previous)?.metadata ?? {};
      look({ namespace, name }, current);
    },
    complete: () => uses.complete(),
  };
}

function tellLoss(
  { namespace, events, log }: KeyUseDeps,
  name: string,
  fingerprint: string,
  sealedSecrets: number,
): void {
  if (sealedSecrets === 0) return;
  log.warn('a key that is still needed was removed', { secret: name, fingerprint, sealedSecrets });
  events.record(
    { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } },
    'Warning',
    'KeyLost',
    `the key ${fingerprint}, which opened ${sealedSecrets} SealedSecrets, was removed: restore it, or seal them again`,
  );
}

/** Objects by fingerprint, so that one change does not cost a look at every object. */
class KeyUses {
  readonly #gauges: Gauges;
  readonly #keys: Keys;
  readonly #byObject = new Map<string, Use>();
  readonly #shared = new SharedValues<Use>();
  readonly #users = new Map<string, number>();
  #served: readonly (string | undefined)[] = [];
  #present = new Set<string>();
  #stale = 0;
  #keyless = 0;
  #unknown = 0;
  #isComplete = false;

  constructor(gauges: Gauges, keys: Keys) {
    this.#gauges = gauges;
    this.#keys = keys;
    this.#measure();
    keys.onChange(() => {
      this.#served = [keys.newest, keys.offeredV2[0]].map((key) => key?.keyPair.id);
      this.#present = new Set(keys.keyRing.keys.map(({ id }) => id));
      const uses = [...this.#byObject.values()];
      this.#stale = uses.filter((use) => this.#isStale(use)).length;
      this.#keyless = uses.filter((use) => this.#isKeyless(use)).length;
      this.#measure();
    });
  }

  complete(): void {
    this.#isComplete = true;
    this.#measure();
  }

  set(object: string, after: Use): void {
    const before = this.#byObject.get(object) ?? [];
    const text = JSON.stringify(after);
    if (JSON.stringify(before) === text) return;
    this.#count(before, -1);
    this.#count(after, 1);
    if (after.length > 0) this.#byObject.set(object, this.#shared.share(text, after));
    else this.#byObject.delete(object);
    this.#measure();
  }

  #isStale(use: Use): boolean {
    return use !== 'unknown' && use.some((fingerprint) => !this.#served.includes(fingerprint));
  }

  /** How many objects a key opened. */
  usersOf(fingerprint: string): number {
    return this.#users.get(fingerprint) ?? 0;
  }

  #isKeyless(use: Use): boolean {
    return use !== 'unknown' && use.some((fingerprint) => !this.#present.has(fingerprint));
  }

  #count(use: Use, by: 1 | -1): void {
    if (use === 'unknown') {
      this.#unknown += by;
      return;
    }
    if (this.#isStale(use)) this.#stale += by;
    if (this.#isKeyless(use)) this.#keyless += by;
    for (const fingerprint of use) {
      const left = (this.#users.get(fingerprint) ?? 0) + by;
      if (left > 0) this.#users.set(fingerprint, left);
      else this.#users.delete(fingerprint);
    }
  }

  #measure(): void {
    const { staleSealedSecrets, keylessSealedSecrets, oldestKeyInUse } = this.#gauges;
    keylessSealedSecrets.set(this.#keyless); // only the known ones, of which each is one too many
    if (!this.#isComplete || this.#unknown > 0) {
      staleSealedSecrets.remove();
      oldestKeyInUse.remove();
      return;
    }
    // only keys that exist or existed count: a status may name any number of invented fingerprints
    const oldest = this.#keys.oldestSince((fingerprint) => this.#users.has(fingerprint));
    staleSealedSecrets.set(this.#stale);
    if (!oldest && this.#keyless > 0)
      oldestKeyInUse.remove(); // 0 would say that no key is needed
    else oldestKeyInUse.set((oldest?.getTime() ?? 0) / 1000);
  }
}

function useOf(key: ObjectKey, object: KubeObject, lastUnseals: Omit<Memory, 'onChange'>): Use {
  const told = fingerprintsIn(object);
  if (told) return told;
  const known = lastUnseals.of(key, object);
  if (known) return distinct([...known.openedBy.values()]);
  return isOutOfUse(object, lastUnseals.isFailing(key)) ? [] : 'unknown';
}

/** Which keys the status says were needed. Anyone who may write a status could have written it. */
function fingerprintsIn(object: KubeObject): readonly string[] | undefined {
  const { keys } = recordOf(recordOf(object['status'])['lastUnseal']);
  // a dropped field is not the same as an empty one
  if (typeof keys !== 'object' || keys === null) return undefined;
  return distinct(Object.values(keys).filter((each) => typeof each === 'string'));
}

function distinct(fingerprints: readonly string[]): readonly string[] {
  return [...new Set(fingerprints)].sort();
}

/**
 * An object that is being deleted, or fails: by its status, or if none is written, by the memory of this
 * process.
 */
function isOutOfUse(object: KubeObject, isFailing: boolean): boolean {
  const synced = conditionsOf(object['status']).find(({ type }) => type === 'Synced');
  const fails = synced ? synced.status === 'False' : isFailing;
  return object.metadata.deletionTimestamp !== undefined || fails;
}
