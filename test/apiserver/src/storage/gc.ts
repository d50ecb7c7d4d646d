import type { ResourceKind } from '../kinds/kind.ts';
import type { KindTable } from '../kinds/kind-table.ts';
import { fieldsOf } from '../objects/json.ts';
import type { KubeObject, OwnerReference } from '../objects/object.ts';
import { ApiError } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { deleteObject } from './delete.ts';
import type { Registry, Target } from './registry.ts';
import type { Collection, WriteRecord } from './storage.ts';

const OPTIONS: WriteOptions = {
  fieldManager: 'kube-controller-manager',
  isDryRun: false,
  fieldValidation: 'Ignore',
  subresource: '',
  warnings: [],
};

const DELAY_MS = 5;

/** Deletes, in the background, dependents of absent owners and what deleted namespaces and CRDs contained. */
export class GarbageCollector {
  #registry: Registry;
  #kinds: KindTable;
  #dependents = new Map<string, Map<string, Target>>();
  #queue = new Map<string, Target>();
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;

  constructor(registry: Registry, kinds: KindTable) {
    this.#registry = registry;
    this.#kinds = kinds;
    registry.store.subscribe((collection, record) => this.#onWrite(collection, record));
  }

  /** Stops or resumes the work, for tests that need to see what it has not reached yet. */
  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused && this.#queue.size > 0) this.#wake();
  }

  stop(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
  }

  #onWrite(collection: Collection, { type, current, previous }: WriteRecord): void {
    const { object, key } = current;
    const kind = this.#kinds.byKind(object.apiVersion, object.kind);
    if (!kind) return;
    const id = `${collection.id} ${key}`;
    const target: Target = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    for (const { uid } of previous?.object.metadata.ownerReferences ?? [])
      this.#dependents.get(uid)?.delete(id);
    if (type === 'DELETED') {
      for (const [dependent, found] of this.#dependents.get(object.metadata.uid) ?? [])
        this.#enqueue(dependent, found);
      this.#dependents.delete(object.metadata.uid);
      return;
    }
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const list = this.#dependents.get(uid) ?? new Map<string, Target>();
      this.#dependents.set(uid, list.set(id, target));
    }
    const isOfInterest =
      (object.metadata.ownerReferences?.length ?? 0) > 0 || object.metadata.deletionTimestamp !== undefined;
    if (isOfInterest) this.#enqueue(id, target);
  }

  #enqueue(id: string, target: Target): void {
    this.#queue.set(id, target);
    this.#wake();
  }

  #wake(): void {
    if (this.#isPaused || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#isPaused) this.#drain();
    }, DELAY_MS);
  }

  #drain(): void {
    const targets = [...this.#queue.values()];
    this.#queue.clear();
    for (const target of targets) {
      try {
        this.#collect(target);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
  }

  #collect(target: Target): void {
    const stored = this.#registry.find(target);
    if (!stored) return;
    const { object } = stored;
    if (object.metadata.deletionTimestamp) this.#finishDeletion(target, object);
    const owners = object.metadata.ownerReferences ?? [];
    if (owners.length === 0 || object.metadata.deletionTimestamp) return;
    const live = owners.filter((owner) => this.#isLive(owner, object));
    if (live.length === owners.length) return;
    if (live.length === 0) deleteObject(this.#registry, target, { uid: object.metadata.uid }, OPTIONS);
    else
      this.#rewrite(target, (copy) => ({ ...copy, metadata: { ...copy.metadata, ownerReferences: live } }));
  }

  #isLive(owner: OwnerReference, dependent: KubeObject): boolean {
    const kind = this.#kinds.byKind(owner.apiVersion, owner.kind);
    if (!kind) return true; // an unknown kind cannot be looked up, so nothing is decided
    const namespace = kind.isNamespaced ? (dependent.metadata.namespace ?? '') : '';
    const found = this.#registry.find({ kind, namespace, name: owner.name });
    return found?.object.metadata.uid === owner.uid;
  }

  #rewrite(target: Target, change: (copy: KubeObject) => KubeObject): void {
    this.#registry.update(target, change, OPTIONS);
  }

  #finishDeletion(target: Target, object: KubeObject): void {
    const finalizers = object.metadata.finalizers ?? [];
    if (object.kind === 'Namespace') this.#emptyNamespace(target, object);
    else if (finalizers.includes('foregroundDeletion')) this.#deleteDependents(target, object);
    else if (finalizers.includes('orphan')) this.#orphanDependents(target, object);
  }

  #emptyNamespace(target: Target, namespace: KubeObject): void {
    const { name } = namespace.metadata;
    let left = 0;
    for (const kind of this.#kinds.all().filter((row) => row.isNamespaced)) {
      for (const { object } of this.#objectsIn(kind, name)) {
        const { isPending } = deleteObject(
          this.#registry,
          { kind, namespace: name, name: object.metadata.name },
          {},
          OPTIONS,
        );
        if (isPending) left += 1;
      }
    }
    if (left === 0 && (namespace.metadata.finalizers ?? []).length === 0)
      this.#registry.remove(target, undefined, OPTIONS);
    else setTimeout(() => this.#enqueue(`/namespaces /${name}`, target), 50).unref();
  }

  #objectsIn(kind: ResourceKind, namespace: string): { object: KubeObject }[] {
    return this.#registry
      .collection(kind)
      .list()
      .filter(({ object }) => object.metadata.namespace === namespace);
  }

  #deleteDependents(target: Target, owner: KubeObject): void {
    let left = 0;
    for (const dependent of [...(this.#dependents.get(owner.metadata.uid)?.values() ?? [])]) {
      const { isPending } = deleteObject(this.#registry, dependent, {}, OPTIONS);
      if (isPending) left += 1;
    }
    if (left === 0) this.#dropFinalizer(target, 'foregroundDeletion');
    else setTimeout(() => this.#enqueue(`foreground ${owner.metadata.uid}`, target), 50).unref();
  }

  #orphanDependents(target: Target, owner: KubeObject): void {
    for (const dependent of [...(this.#dependents.get(owner.metadata.uid)?.values() ?? [])]) {
      this.#rewrite(dependent, (copy) => {
        const ownerReferences = (copy.metadata.ownerReferences ?? []).filter(
          ({ uid }) => uid !== owner.metadata.uid,
        );
        return { ...copy, metadata: { ...copy.metadata, ownerReferences } };
      });
    }
    this.#dropFinalizer(target, 'orphan');
  }

  #dropFinalizer(target: Target, finalizer: string): void {
    this.#rewrite(target, (copy) => {
      const finalizers = (copy.metadata.finalizers ?? []).filter((item) => item !== finalizer);
      return { ...copy, metadata: { ...copy.metadata, finalizers } };
    });
  }
}

/** Deletes every custom resource of a CRD that went away. */
export function removeInstances(registry: Registry, crd: KubeObject): void {
  const spec = fieldsOf(crd['spec']);
  const plural = fieldsOf(spec['names'])['plural'];
  const collection = registry.store.collection(`${String(spec['group'])}/${String(plural)}`);
  for (const { key } of collection.list()) registry.store.remove(collection, key);
}
