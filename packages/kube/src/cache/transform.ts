import { MAX_ENTRIES } from '@fuin/crypto-core';
import type { KubeObject } from '../client/types.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Turns an object from the server into what the cache must keep; may return the same object, changed. */
export type Transform = (object: KubeObject) => KubeObject;

/**
 * Removes what only the server and kubectl read: managedFields and the last applied configuration, often half
 * of an object. Changes the object: V8 stores a copy without some fields in more memory than the original,
 * which JSON.parse made to measure.
 */
export function withoutBookkeeping(object: KubeObject): KubeObject {
  const metadata: { managedFields?: unknown; annotations?: KubeObject['metadata']['annotations'] } =
    object.metadata;
  if (metadata.managedFields !== undefined) metadata.managedFields = undefined;
  const { [LAST_APPLIED]: lastApplied, ...annotations } = metadata.annotations ?? {};
  if (lastApplied !== undefined) metadata.annotations = annotations;
  return object;
}

/**
 * Cuts maps with more entries than are ever read to one more than the limit. Such an object is still refused,
 * but hundreds of thousands of entries would take several times the memory of their text. Changes the object;
 * without recursion, like deepFreeze.
 */
export function withoutExcess(object: KubeObject): KubeObject {
  const pending: Record<string, unknown>[] = [object as Record<string, unknown>];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    for (const [key, child] of Object.entries(part)) {
      if (typeof child !== 'object' || child === null) continue;
      const kept = cut(child as Record<string, unknown>);
      if (kept !== child) part[key] = kept;
      pending.push(kept);
    }
  }
  return object;
}

function cut(map: Record<string, unknown>): Record<string, unknown> {
  const keys = Array.isArray(map) ? [] : Object.keys(map);
  if (keys.length <= MAX_ENTRIES) return map;
  return Object.fromEntries(keys.slice(0, MAX_ENTRIES + 1).map((key) => [key, map[key]]));
}

/**
 * Keeps name, uid and resourceVersion only, for collections whose content the cache must not hold (Secrets).
 */
export function identityOnly({ metadata }: KubeObject): KubeObject {
  const { namespace, name, uid, resourceVersion } = metadata;
  // V8 stores a literal of all fields in half the memory of one that is put together
  if (namespace !== undefined && name !== undefined && uid !== undefined && resourceVersion !== undefined)
    return { metadata: { namespace, name, uid, resourceVersion } };
  return {
    metadata: {
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/**
 * Freezes an object and everything in it, and returns it. Without recursion: servers store objects 10,000
 * levels deep.
 */
export function deepFreeze<Value>(value: Value): Value {
  const pending: unknown[] = [value];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (typeof part !== 'object' || part === null || Object.isFrozen(part)) continue;
    Object.freeze(part);
    for (const child of Object.values(part)) if (typeof child === 'object') pending.push(child);
  }
  return value;
}
