import { type Scope, scopeOf } from '@fuin/crypto-core';
import { type KubeObject, keyText, type ObjectKey } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { conditionsOf, type Remarks, remarksIn } from './conditions.ts';
import { SharedValues } from './shared-values.ts';

/** What a successful reconcile of one SealedSecret was based on, and what it left behind. */
export interface Observation extends Remarks {
  /** Of the SealedSecret. */
  readonly uid: string;
  readonly generation: number;
  readonly scope: Scope;
  readonly secretUid: string;
  readonly secretResourceVersion: string;
  /** Fingerprint of the key that opened each item. */
  readonly openedBy: ReadonlyMap<string, string>;
}

interface Failing {
  readonly key: ObjectKey;
  /** What was known of the object before it failed. */
  readonly before: Observation | undefined;
}

/** Identity and version of the Secret that exists now, or that there is none. */
export type SecretVersion = { readonly uid: string; readonly resourceVersion: string } | 'absent';

/**
 * What this process knows of earlier reconciles; where it knows nothing, the object's status stands in for
 * the process before it. All of it only saves work: losing it costs a reconcile.
 */
export class LastUnseals {
  readonly #byKey = new Map<string, Observation>();
  /** Most objects have the same items and the same key. */
  readonly #openings = new SharedValues<Observation['openedBy']>();
  /** Objects whose last reconcile failed: what was known of them before is evidence, and no longer counts. */
  readonly #failing = new Map<string, Failing>();
  /** Objects whose last success is in no status, because the status could not be written. */
  readonly #untold = new Set<string>();
  /** Objects last seen in an earlier term as leader: another replica may have reconciled them since. */
  readonly #earlier = new Set<string>();
  readonly #listeners: ((key: ObjectKey) => void)[] = [];

  /** The listener is called after each recorded success or failure. */
  onChange(listener: (key: ObjectKey) => void): void {
    this.#listeners.push(listener);
  }

  note(key: ObjectKey, observation: Observation): void {
    this.#byKey.set(keyText(key), this.#compact(observation));
    this.#failing.delete(keyText(key));
    this.#earlier.delete(keyText(key));
    this.#tell(key);
  }

  /**
   * This process leads again: what a status says of a success counts more than its memory, and its failures
   * count no more. Another replica may have written a failure that does not hold, so each status is looked at
   * once.
   */
  beginTerm(): void {
    for (const text of this.#byKey.keys()) {
      this.#earlier.add(text);
      this.#untold.add(text);
    }
    const failed = [...this.#failing.values()];
    this.#failing.clear();
    for (const { key } of failed) this.#tell(key);
  }

  /** Whether this process itself has seen the object in sync, and does not rely on the status alone. */
  isNoted(key: ObjectKey): boolean {
    return this.#byKey.has(keyText(key));
  }

  noteFailure(key: ObjectKey, object: KubeObject): void {
    const before = this.#known(key, object) ?? this.#failing.get(keyText(key))?.before;
    this.#failing.set(keyText(key), { key, before });
    this.#tell(key);
  }

  /** Records whether the status shows the result of the last reconcile. */
  noteStatus(key: ObjectKey, isWritten: boolean): void {
    if (isWritten) this.#untold.delete(keyText(key));
    else this.#untold.add(keyText(key));
  }

  /** Whether the status must still be written, even if nothing else is to do. */
  isUntold(key: ObjectKey): boolean {
    return this.#untold.has(keyText(key));
  }

  /** Whether the last reconcile of the object failed. */
  isFailing(key: ObjectKey): boolean {
    return this.#failing.has(keyText(key));
  }

  forget(key: ObjectKey): void {
    this.#byKey.delete(keyText(key));
    this.#failing.delete(keyText(key));
    this.#untold.delete(keyText(key));
    this.#earlier.delete(keyText(key));
  }

  /**
   * What the last reconcile of this exact version of the object (same uid, generation and scope) left, if it
   * succeeded.
   */
  of(key: ObjectKey, object: KubeObject): Observation | undefined {
    if (this.#failing.has(keyText(key))) return undefined;
    const known = this.#known(key, object);
    return known && isOf(known, object) ? known : undefined;
  }

  /** What the last success for this object left, whatever its version was. */
  last(key: ObjectKey, object: KubeObject): Observation | undefined {
    const known = this.#known(key, object);
    return known?.uid === object.metadata.uid ? known : undefined;
  }

  /** Fingerprint of the key that last opened each item of this exact version, also while it fails now. */
  lastKeys(key: ObjectKey, object: KubeObject): ReadonlyMap<string, string> | undefined {
    const last = this.last(key, object) ?? this.#failing.get(keyText(key))?.before;
    return last && isOf(last, object) ? last.openedBy : undefined;
  }

  /** Fingerprints of the keys that opened the object last, whatever its version was. */
  hints(key: ObjectKey, object: KubeObject): readonly string[] {
    const known = this.#known(key, object);
    return [...new Set(known?.openedBy.values())].slice(0, 4);
  }

  #known(key: ObjectKey, object: KubeObject): Observation | undefined {
    const own = this.#byKey.get(keyText(key));
    if (!this.#earlier.has(keyText(key))) return own ?? observationIn(object);
    return observationIn(object) ?? (own?.generation === object.metadata.generation ? own : undefined);
  }

  /** A literal of all fields: V8 stores one that was put together in half as much memory again. */
  #compact(observation: Observation): Observation {
    const { uid, generation, scope, secretUid, secretResourceVersion, expired, unsigned } = observation;
    const openedBy = this.#openings.share(JSON.stringify([...observation.openedBy]), observation.openedBy);
    return { uid, generation, scope, secretUid, secretResourceVersion, openedBy, expired, unsigned };
  }

  #tell(key: ObjectKey): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** Whether the Secret is still the one that the reconcile left behind. */
export function isUnchanged(observation: Observation, secret: SecretVersion): boolean {
  if (secret === 'absent' || observation.secretUid === '') return false;
  return secret.uid === observation.secretUid && secret.resourceVersion === observation.secretResourceVersion;
}

/** Whether the status says that this version of the object was applied, by any controller. */
export function isReportedSynced({ metadata, status }: KubeObject & { readonly status?: unknown }): boolean {
  const { observedGeneration } = recordOf(status);
  const synced = conditionsOf(status).find(({ type }) => type === 'Synced');
  return synced?.status === 'True' && observedGeneration === metadata.generation;
}

function isOf(observation: Observation, { metadata }: KubeObject): boolean {
  return (
    observation.uid === metadata.uid &&
    observation.generation === metadata.generation &&
    observation.scope === scopeOf(metadata.annotations)
  );
}

/** The observation in a status. Anyone who may write the status could have written it. */
function observationIn(object: KubeObject): Observation | undefined {
  const { lastUnseal } = recordOf(object['status']);
  const { generation, scope, secretUID, secretResourceVersion, keys } = recordOf(lastUnseal);
  if (typeof generation !== 'number' || typeof secretUID !== 'string') return undefined;
  if (typeof secretResourceVersion !== 'string' || !isReportedSynced(object)) return undefined;
  // dropped by a CRD that does not know the field: not the same as an empty map
  if (!isMap(keys)) return undefined;
  const fingerprints = Object.entries(keys).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    uid: object.metadata.uid ?? '',
    generation,
    scope: scope as Scope, // compared with a valid scope before it counts
    secretUid: secretUID,
    secretResourceVersion,
    openedBy: new Map(fingerprints),
    ...remarksIn(object['status']),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
