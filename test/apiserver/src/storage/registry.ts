// Over 200 lines: the one write path of all kinds, read top to bottom.
import { randomUUID } from 'node:crypto';
import { admitSchema } from '../kinds/admit.ts';
import { apiVersionOf, collectionIdOf, type ResourceKind } from '../kinds/kind.ts';
import {
  isSpecChanged,
  keepServerMetadata,
  normaliseMetadata,
  validateMetadata,
  validateMetadataUpdate,
} from '../kinds/metadata.ts';
import { fieldError, invalidObject } from '../objects/field-errors.ts';
import { clone, fieldsOf, sameJson } from '../objects/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../objects/object.ts';
import { ApiError, errors, type KindName } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { builtInListRules, type ListRules, schemaListRules } from '../patch/list-rules.ts';
import { trackUpdate } from '../patch/managed-fields.ts';
import type { Collection, Store, StoredObject } from './storage.ts';

/** Which object a write is about; namespace empty for cluster-scoped kinds. */
export interface Target {
  readonly kind: ResourceKind;
  readonly namespace: string;
  readonly name: string;
}

/** The seconds-precise time that Kubernetes writes. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** How lists of a kind merge. */
export function listRulesOf(kind: ResourceKind): ListRules {
  return kind.schema ? schemaListRules(kind.schema) : builtInListRules;
}

interface Change {
  readonly next: KubeObject;
  readonly previous: KubeObject | undefined;
  /** managedFields as the client sent them. */
  readonly sent: ManagedFieldsEntry[] | undefined;
}

const NAMESPACES: KindName = { group: '', kind: 'Namespace', plural: 'namespaces' };

const keyOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

/** Reads and writes objects under the rules of their kind; every call is atomic because none waits. */
export class Registry {
  readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  collection(kind: ResourceKind): Collection {
    return this.store.collection(collectionIdOf(kind));
  }

  find({ kind, namespace, name }: Target): StoredObject | undefined {
    return this.collection(kind).get(keyOf({ namespace, name }));
  }

  get(target: Target): StoredObject {
    const found = this.find(target);
    if (!found) throw errors.notFound(target.kind, target.name);
    return found;
  }

  create(kind: ResourceKind, namespace: string, object: KubeObject, options: WriteOptions): StoredObject {
    const { metadata } = object;
    if (metadata.resourceVersion)
      throw new ApiError({
        code: 500,
        message: 'resourceVersion should not be set on objects to be created',
      });
    if (kind.isNamespaced)
      this.#checkNamespace(kind, namespace, metadata.name || metadata.generateName || '');
    if (!metadata.name && metadata.generateName)
      metadata.name = `${metadata.generateName.slice(0, 58)}${randomSuffix()}`;
    prepareNewMetadata(kind, namespace, object);
    if (kind.hasStatus) delete object['status'];
    if (kind.hasGeneration) metadata.generation = 1;
    this.#admit(kind, object, undefined, options);
    const key = keyOf({ namespace, name: metadata.name });
    if (this.collection(kind).get(key)) throw errors.alreadyExists(kind, metadata.name);
    if (!options.isApply) this.#track(kind, { next: object, previous: undefined, sent: undefined }, options);
    return this.#store(kind, key, object, options);
  }

  /** Replaces an object by what `change` makes of a copy of it. */
  update(target: Target, change: (current: KubeObject) => KubeObject, options: WriteOptions): StoredObject {
    const { kind, name } = target;
    const stored = this.get(target);
    const previous = stored.object;
    const next = change(clone(previous));
    checkPreconditions(kind, next, previous, options.isPatch === true);
    const managed = next.metadata.managedFields;
    keepServerMetadata(next, previous);
    keepOtherPart(kind, next, previous, options);
    normaliseMetadata(next);
    this.#admit(kind, next, previous, options);
    const failures = validateMetadataUpdate(next, previous);
    if (failures.length > 0) throw invalidObject(kind, name, failures);
    if (kind.hasGeneration && isSpecChanged(next, previous)) {
      next.metadata.generation = (previous.metadata.generation ?? 0) + 1;
    }
    if (options.isApply) next.metadata.managedFields = managed ?? [];
    else this.#track(kind, { next, previous, sent: managed }, options);
    if (isUnchanged(next, previous)) return stored;
    const key = keyOf(target);
    if (isReadyToGo(next)) return this.#remove(kind, key, next, options) ?? stored;
    return this.#store(kind, key, next, options);
  }

  /** Removes an object whose deletion was decided; see delete.ts for the rules before. */
  remove(target: Target, last: KubeObject | undefined, options: WriteOptions): StoredObject | undefined {
    return this.#remove(target.kind, keyOf(target), last, options);
  }

  /** Stores a change of metadata that only the server makes, without validation. */
  put(target: Target, object: KubeObject, options: WriteOptions): StoredObject {
    return this.#store(target.kind, keyOf(target), object, options);
  }

  #store(kind: ResourceKind, key: string, object: KubeObject, options: WriteOptions): StoredObject {
    if (options.isDryRun) return { key, object, json: JSON.stringify(object), revision: this.store.revision };
    return this.store.put(this.collection(kind), key, object);
  }

  #remove(
    kind: ResourceKind,
    key: string,
    last: KubeObject | undefined,
    options: WriteOptions,
  ): StoredObject | undefined {
    if (options.isDryRun) return this.collection(kind).get(key);
    return this.store.remove(this.collection(kind), key, last);
  }

  #checkNamespace(kind: ResourceKind, namespace: string, name: string): void {
    const stored = this.store.collection('/namespaces').get(`/${namespace}`);
    if (!stored) throw errors.notFound(NAMESPACES, namespace);
    if (!stored.object.metadata.deletionTimestamp) return;
    throw errors.forbidden(
      kind,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }

  #admit(
    kind: ResourceKind,
    next: KubeObject,
    previous: KubeObject | undefined,
    options: WriteOptions,
  ): void {
    const schemaFailures = admitSchema(kind, next, options);
    kind.prepare?.(next, previous);
    const failures = [
      ...validateMetadata(kind, next),
      ...schemaFailures,
      ...(kind.validate?.(next, previous) ?? []),
    ];
    if (failures.length > 0) throw invalidObject(kind, next.metadata.name, failures);
  }

  #track(kind: ResourceKind, { next, previous, sent }: Change, options: WriteOptions): void {
    const isReset = sent?.length === 1 && Object.keys(sent[0] ?? {}).length === 0;
    const manager = {
      name: options.fieldManager,
      operation: 'Update' as const,
      apiVersion: apiVersionOf(kind),
      ...(options.subresource ? { subresource: options.subresource } : {}),
    };
    if (isReset) delete next.metadata.managedFields;
    else trackUpdate(next, previous, { manager, rules: listRulesOf(kind), now: timestamp() });
  }
}

function randomSuffix(): string {
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  return Array.from({ length: 5 }, () => alphabet[Math.floor(Math.random() * alphabet.length)]).join('');
}

function prepareNewMetadata(kind: ResourceKind, namespace: string, { metadata }: KubeObject): void {
  if (kind.isNamespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp();
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
}

function checkPreconditions(
  kind: ResourceKind,
  next: KubeObject,
  previous: KubeObject,
  isPatch: boolean,
): void {
  const { uid, resourceVersion, name } = next.metadata;
  if (uid && uid !== previous.metadata.uid && isPatch) {
    throw invalidObject(kind, name, [fieldError.invalid('metadata.uid', uid, 'field is immutable')]);
  }
  if (uid && uid !== previous.metadata.uid) {
    const storageKey = ['/registry', kind.group, kind.plural, previous.metadata.namespace, name]
      .filter(Boolean)
      .join('/');
    throw errors.conflict(
      kind,
      name,
      `StorageError: invalid object, Code: 4, Key: ${storageKey}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${previous.metadata.uid}`,
    );
  }
  if (kind.isCustom && !resourceVersion) {
    throw invalidObject({ ...kind, kind: kind.plural }, name, [
      fieldError.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
  if (resourceVersion && resourceVersion !== previous.metadata.resourceVersion) {
    throw errors.conflict(
      kind,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

/** Status writes change status only, other writes never do. */
function keepOtherPart(
  kind: ResourceKind,
  next: KubeObject,
  previous: KubeObject,
  options: WriteOptions,
): void {
  if (!kind.hasStatus) return;
  if (options.subresource === '') {
    if (previous['status'] === undefined) delete next['status'];
    else next['status'] = previous['status'];
    return;
  }
  const { labels, annotations } = next.metadata;
  for (const field of Object.keys(next)) if (!(field in previous) && field !== 'status') delete next[field];
  const { status: _status, metadata, ...rest } = previous;
  Object.assign(next, rest);
  next.metadata = clone(metadata);
  if (!kind.isCustom)
    Object.assign(next.metadata, { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) });
}

function isUnchanged(next: KubeObject, previous: KubeObject): boolean {
  const strip = (object: KubeObject) => ({
    ...object,
    metadata: {
      ...object.metadata,
      managedFields: (object.metadata.managedFields ?? []).map(({ time: _time, ...entry }) => entry),
    },
  });
  return sameJson(strip(next), strip(previous));
}

/** The last finalizer of an object under deletion is gone. */
function isReadyToGo(object: KubeObject): boolean {
  const { deletionTimestamp, finalizers } = object.metadata;
  const holds = fieldsOf(object['spec'])['finalizers'];
  const isHeld = object.kind === 'Namespace' && Array.isArray(holds) && holds.length > 0;
  return deletionTimestamp !== undefined && (finalizers ?? []).length === 0 && !isHeld;
}
