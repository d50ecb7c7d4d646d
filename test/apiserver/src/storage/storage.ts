import type { KubeObject } from '../objects/object.ts';

/** One stored version of one object, serialised once. Never changed after it was stored. */
export interface StoredObject {
  /** `<namespace>/<name>`, namespace empty for cluster-scoped objects. */
  readonly key: string;
  readonly object: KubeObject;
  readonly json: string;
  readonly revision: number;
}

/** One applied write. */
export interface WriteRecord {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  /** State after the write; for DELETED the last state under the version of the deletion. */
  readonly current: StoredObject;
  readonly previous?: StoredObject;
}

type Listener = (record: WriteRecord) => void;

/** How many writes each collection remembers before it compacts by itself. */
const LOG_CAPACITY = 100_000;

/** All objects of one resource, with the log that watches and snapshots read. */
export class Collection {
  readonly id: string;
  compactedRevision = 0;
  #objects = new Map<string, StoredObject>();
  #sortedKeys: string[] = [];
  #log: WriteRecord[] = [];
  #listeners = new Set<Listener>();

  constructor(id: string, revision: number) {
    this.id = id;
    this.compactedRevision = revision;
  }

  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  get size(): number {
    return this.#objects.size;
  }

  /** Objects in key order. */
  list(): StoredObject[] {
    return this.#sortedKeys.map((key) => this.#objects.get(key) as StoredObject);
  }

  /** Objects as they were at a revision that is not compacted, in key order. */
  listAt(revision: number): StoredObject[] {
    const later = this.recordsAfter(revision);
    if (later.length === 0) return this.list();
    const snapshot = new Map(this.#objects);
    for (const { current, previous } of later.toReversed()) {
      if (previous) snapshot.set(current.key, previous);
      else snapshot.delete(current.key);
    }
    return [...snapshot.values()].sort((left, right) => compareKeys(left.key, right.key));
  }

  /** Writes that came after a revision, oldest first. */
  recordsAfter(revision: number): WriteRecord[] {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#log[middle] as WriteRecord).revision <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#log.slice(low);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  apply(record: WriteRecord): void {
    const { key } = record.current;
    if (record.type === 'DELETED') {
      this.#objects.delete(key);
      this.#sortedKeys.splice(lowerBound(this.#sortedKeys, key), 1);
    } else {
      if (!this.#objects.has(key)) this.#sortedKeys.splice(lowerBound(this.#sortedKeys, key), 0, key);
      this.#objects.set(key, record.current);
    }
    this.#log.push(record);
    if (this.#log.length > 2 * LOG_CAPACITY) this.#trim(this.#log.length - LOG_CAPACITY);
    for (const listener of [...this.#listeners]) listener(record);
  }

  compact(revision: number): void {
    this.#trim(this.#log.length - this.recordsAfter(revision).length);
    this.compactedRevision = Math.max(this.compactedRevision, revision);
  }

  #trim(count: number): void {
    const removed = this.#log.splice(0, count);
    const last = removed.at(-1);
    if (last) this.compactedRevision = last.revision;
  }
}

/** Every collection of the server under one revision counter, as etcd has it. */
export class Store {
  revision = 1;
  #collections = new Map<string, Collection>();
  #listeners = new Set<(collection: Collection, record: WriteRecord) => void>();

  collection(id: string): Collection {
    let found = this.#collections.get(id);
    if (!found) {
      found = new Collection(id, 0);
      this.#collections.set(id, found);
    }
    return found;
  }

  collections(): Collection[] {
    return [...this.#collections.values()];
  }

  /**
   * Stores the object under a new revision and writes that to metadata.resourceVersion. Takes ownership of
   * it.
   */
  put(collection: Collection, key: string, object: KubeObject): StoredObject {
    const previous = collection.get(key);
    const current = this.#stored(key, object);
    const { revision } = current;
    this.#apply(
      collection,
      previous ? { type: 'MODIFIED', revision, current, previous } : { type: 'ADDED', revision, current },
    );
    return current;
  }

  /** Removes the object; a last state to report may be given. */
  remove(collection: Collection, key: string, last?: KubeObject): StoredObject | undefined {
    const previous = collection.get(key);
    if (!previous) return undefined;
    const object = last ?? previous.object;
    const current = this.#stored(key, { ...object, metadata: { ...object.metadata } });
    this.#apply(collection, { type: 'DELETED', revision: current.revision, current, previous });
    return current;
  }

  /** Forgets the history of every collection: older resource versions are expired from now on. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.compact(this.revision);
  }

  subscribe(listener: (collection: Collection, record: WriteRecord) => void): void {
    this.#listeners.add(listener);
  }

  #stored(key: string, object: KubeObject): StoredObject {
    this.revision += 1;
    object.metadata.resourceVersion = String(this.revision);
    return { key, object, json: JSON.stringify(object), revision: this.revision };
  }

  #apply(collection: Collection, record: WriteRecord): void {
    collection.apply(record);
    for (const listener of this.#listeners) listener(collection, record);
  }
}

/** Order of keys: by code unit, as etcd orders bytes of ASCII names. */
export function compareKeys(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
