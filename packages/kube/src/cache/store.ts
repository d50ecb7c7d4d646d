import { keyText } from '../client/key-text.ts';
import type { KubeObject, ObjectKey } from '../client/types.ts';
import { RecentMap } from '../recent-map.ts';
import { isOlder } from './resource-version.ts';
import type { ChangeListener, Lister } from './types.ts';

/** What happened to one object of the store. */
export type Change = Parameters<ChangeListener>[0];

/** Number of deletions to remember, so that a late event does not bring a deleted object back. */
const MAX_TOMBSTONES = 1_000;

/**
 * The objects of one collection by namespace and name. Events may come twice or late. For each name the store
 * only moves to a newer resourceVersion, even across deletion and re-creation, because one counter numbers
 * all of them. Only `replaceAll` may go back.
 */
export class ObjectStore implements Lister {
  #objects = new Map<string, KubeObject>();
  readonly #tombstones = new RecentMap<string>(MAX_TOMBSTONES);
  #hasSynced = false;

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: ObjectKey): KubeObject | undefined {
    return this.#objects.get(keyText(key));
  }

  list(): Iterable<KubeObject> {
    return this.#objects.values();
  }

  /** Applies an added or changed object; undefined if the store knew as much or more. */
  upsert(object: KubeObject): Change | undefined {
    const text = textOf(object);
    const previous = this.#objects.get(text);
    const version = object.metadata.resourceVersion;
    const known = previous?.metadata.resourceVersion ?? this.#tombstones.get(text);
    if (version !== undefined && (version === known || isOlder(version, known))) return undefined;
    this.#tombstones.delete(text);
    this.#objects.set(text, object);
    return previous ? { current: object, previous } : { current: object };
  }

  /**
   * Applies a deletion; undefined if it was known already, or the object has been created again since. The
   * deletion of an object that was never seen is reported too: its creation event was lost, and listeners may
   * still need to react.
   */
  remove(object: KubeObject): Change | undefined {
    const text = textOf(object);
    const previous = this.#objects.get(text);
    const version = object.metadata.resourceVersion;
    const known = previous?.metadata.resourceVersion ?? this.#tombstones.get(text);
    if (isOlder(version, known) || (!previous && version === known)) return undefined;
    this.#bury(text, version);
    this.#objects.delete(text);
    return { previous: previous ?? object };
  }

  /**
   * Makes the store equal to a full list and returns the differences. Unchanged objects keep their identity.
   */
  replaceAll(items: Iterable<KubeObject>): Change[] {
    const before = this.#objects;
    const after = new Map<string, KubeObject>();
    const changes: Change[] = [];
    for (const item of items) {
      const text = textOf(item);
      const previous = before.get(text);
      const isSame = previous !== undefined && isSameVersion(previous, item);
      after.set(text, isSame ? previous : item);
      if (!isSame) changes.push(previous ? { current: item, previous } : { current: item });
    }
    for (const [text, previous] of before) if (!after.has(text)) changes.push({ previous });
    this.#objects = after;
    this.#tombstones.clear();
    this.#hasSynced = true;
    return changes;
  }

  #bury(text: string, version: string | undefined): void {
    if (version === undefined || isOlder(version, this.#tombstones.get(text))) return;
    this.#tombstones.set(text, version);
  }
}

/** The key of an object as a text. */
export function textOf({ metadata: { namespace = '', name = '' } }: KubeObject): string {
  return keyText({ namespace, name });
}

function isSameVersion(a: KubeObject, b: KubeObject): boolean {
  const { uid, resourceVersion } = a.metadata;
  return (
    resourceVersion !== undefined && uid === b.metadata.uid && resourceVersion === b.metadata.resourceVersion
  );
}
