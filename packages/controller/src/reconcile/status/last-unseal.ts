import { type Scope, scopeOf } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { conditionsOf } from './conditions.ts';

/** What a successful pass over one SealedSecret rested on and left behind. */
export interface Observation {
  /** Of the SealedSecret. */
  readonly uid: string;
  readonly generation: number;
  readonly scope: Scope;
  readonly secretUid: string;
  readonly secretResourceVersion: string;
  /** Fingerprint of the key that opened each item. */
  readonly openedBy: ReadonlyMap<string, string>;
}

/** Which Secret is there now: identity and version, or that there is none. */
export type SecretVersion = { readonly uid: string; readonly resourceVersion: string } | 'absent';

/**
 * What this process knows of earlier passes, with the status of the object as the word of the process before it.
 * Everything in it saves work and decides nothing else: losing it costs a pass.
 */
export class LastUnseals {
  readonly #byKey = new Map<string, Observation>();
  /** Objects whose last pass failed: what was known of them before does not count any more. */
  readonly #failing = new Set<string>();
  /** Objects whose last success no status tells of, since it could not be written. */
  readonly #untold = new Set<string>();
  /** Objects last seen in an earlier term as leader: another replica may have made passes since. */
  readonly #earlier = new Set<string>();
  readonly #listeners: ((key: ObjectKey) => void)[] = [];

  /** Called after each note of a success or failure. */
  onChange(listener: (key: ObjectKey) => void): void {
    this.#listeners.push(listener);
  }

  note(key: ObjectKey, observation: Observation): void {
    this.#byKey.set(textOf(key), observation);
    this.#failing.delete(textOf(key));
    this.#earlier.delete(textOf(key));
    this.#tell(key);
  }

  /** This process leads again. What it knows of another version than the present one counts no more than the status. */
  beginTerm(): void {
    for (const text of this.#byKey.keys()) this.#earlier.add(text);
  }

  /** Whether this process has seen the object in line, and does not go by its status alone. */
  isNoted(key: ObjectKey): boolean {
    return this.#byKey.has(textOf(key));
  }

  noteFailure(key: ObjectKey): void {
    this.#failing.add(textOf(key));
    this.#tell(key);
  }

  /** Whether the status says what the last pass came to. */
  noteStatus(key: ObjectKey, isWritten: boolean): void {
    if (isWritten) this.#untold.delete(textOf(key));
    else this.#untold.add(textOf(key));
  }

  /** Whether a status is still to be written, though nothing is to be done beside it. */
  isUntold(key: ObjectKey): boolean {
    return this.#untold.has(textOf(key));
  }

  /** Whether the last pass over the object failed. */
  isFailing(key: ObjectKey): boolean {
    return this.#failing.has(textOf(key));
  }

  forget(key: ObjectKey): void {
    this.#byKey.delete(textOf(key));
    this.#failing.delete(textOf(key));
    this.#untold.delete(textOf(key));
    this.#earlier.delete(textOf(key));
  }

  /** What the last pass over this very version of the object (same uid, generation and scope) left, if it succeeded. */
  of(key: ObjectKey, object: KubeObject): Observation | undefined {
    if (this.#failing.has(textOf(key))) return undefined;
    const known = this.#known(key, object);
    return known && isOf(known, object) ? known : undefined;
  }

  /** What the last success over this object left, whatever version of it that was. */
  last(key: ObjectKey, object: KubeObject): Observation | undefined {
    const known = this.#known(key, object);
    return known?.uid === object.metadata.uid ? known : undefined;
  }

  /** Fingerprints of the keys that opened the object last, whatever version it was. */
  hints(key: ObjectKey, object: KubeObject): readonly string[] {
    const known = this.#known(key, object);
    return [...new Set(known?.openedBy.values())].slice(0, 4);
  }

  #known(key: ObjectKey, object: KubeObject): Observation | undefined {
    const own = this.#byKey.get(textOf(key));
    const isOutdated = this.#earlier.has(textOf(key)) && own?.generation !== object.metadata.generation;
    return own && !isOutdated ? own : observationIn(object);
  }

  #tell(key: ObjectKey): void {
    for (const listener of this.#listeners) listener(key);
  }
}

/** Whether the Secret is still the one that the pass left behind. */
export function isUnchanged(observation: Observation, secret: SecretVersion): boolean {
  if (secret === 'absent' || observation.secretUid === '') return false;
  return secret.uid === observation.secretUid && secret.resourceVersion === observation.secretResourceVersion;
}

/** Whether the status says that this version of the object was applied, by whichever controller. */
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

/** The observation that a status holds; anyone who may write the status could have written it. */
function observationIn(object: KubeObject): Observation | undefined {
  const { lastUnseal } = recordOf(object['status']);
  const { generation, scope, secretUID, secretResourceVersion, keys } = recordOf(lastUnseal);
  if (typeof generation !== 'number' || typeof secretUID !== 'string') return undefined;
  if (typeof secretResourceVersion !== 'string' || !isReportedSynced(object)) return undefined;
  if (!isMap(keys)) return undefined; // dropped, as by a definition that does not know it: not the same as none
  const fingerprints = Object.entries(keys).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    uid: object.metadata.uid ?? '',
    generation,
    scope: scope as Scope, // compared with a real one before it counts
    secretUid: secretUID,
    secretResourceVersion,
    openedBy: new Map(fingerprints),
  };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
