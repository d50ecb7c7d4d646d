import { isFields } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { errors } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { type Registry, type Target, timestamp } from './registry.ts';
import type { StoredObject } from './storage.ts';

/** The part of meta/v1 DeleteOptions the server honours. */
export interface DeleteOptions {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/** What a delete left: the object as it was, or as it waits for its finalizers. */
export interface Deletion {
  readonly stored: StoredObject;
  readonly isPending: boolean;
}

const POLICY_FINALIZER: Record<string, string> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };

/** Reads DeleteOptions from the body and the query. */
export function readDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const fields: Fields = isFields(body) ? body : {};
  const preconditions = isFields(fields['preconditions']) ? fields['preconditions'] : {};
  const policy = fields['propagationPolicy'] ?? query.get('propagationPolicy');
  return {
    ...(typeof preconditions['uid'] === 'string' ? { uid: preconditions['uid'] } : {}),
    ...(typeof preconditions['resourceVersion'] === 'string'
      ? { resourceVersion: preconditions['resourceVersion'] }
      : {}),
    ...(typeof policy === 'string' ? { propagationPolicy: policy as 'Background' } : {}),
  };
}

function checkPreconditions(
  { kind: { group, kind }, name }: Target,
  { metadata }: KubeObject,
  wanted: DeleteOptions,
): void {
  if (wanted.uid && wanted.uid !== metadata.uid) {
    throw errors.conflict(
      { group, kind, plural: kind },
      name,
      `the UID in the precondition (${wanted.uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (wanted.resourceVersion && wanted.resourceVersion !== metadata.resourceVersion) {
    throw errors.conflict(
      { group, kind, plural: kind },
      name,
      `the ResourceVersion in the precondition (${wanted.resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    );
  }
}

/** Deletes an object, or marks it for deletion when finalizers hold it. */
export function deleteObject(
  registry: Registry,
  target: Target,
  wanted: DeleteOptions,
  options: WriteOptions,
): Deletion {
  const stored = registry.get(target);
  checkPreconditions(target, stored.object, wanted);
  const { metadata } = stored.object;
  const added = POLICY_FINALIZER[wanted.propagationPolicy ?? ''];
  const finalizers = [...new Set([...(metadata.finalizers ?? []), ...(added ? [added] : [])])];
  const isHeld = finalizers.length > 0 || target.kind.kind === 'Namespace';
  if (!isHeld) {
    const removed = registry.remove(target, undefined, options) ?? stored;
    return { stored: removed, isPending: false };
  }
  if (metadata.deletionTimestamp) return { stored, isPending: true };
  const marked: KubeObject = {
    ...stored.object,
    metadata: {
      ...metadata,
      deletionTimestamp: timestamp(),
      deletionGracePeriodSeconds: 0,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    },
  };
  if (target.kind.kind === 'Namespace') marked['status'] = { phase: 'Terminating' };
  return { stored: registry.put(target, marked, options), isPending: true };
}
