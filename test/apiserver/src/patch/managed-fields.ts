import { sameJson } from '../objects/json.ts';
import type { KubeObject, ManagedFieldsEntry } from '../objects/object.ts';
import { decodeFieldsV1, encodeFieldsV1, type FieldSet, fieldSetOf } from './field-set.ts';
import type { ListRules } from './list-rules.ts';

/** Who writes, and how. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string;
}

/** Ownership of one manager, decoded. */
export interface Ownership {
  readonly manager: Manager;
  readonly time?: string;
  readonly paths: Set<string>;
}

/** Decodes metadata.managedFields. */
export function ownershipsOf(object: KubeObject | undefined): Ownership[] {
  return (object?.metadata.managedFields ?? []).map(
    ({ manager, operation, apiVersion, subresource, time, fieldsV1 }) => ({
      manager: { name: manager, operation, apiVersion, ...(subresource ? { subresource } : {}) },
      ...(time ? { time } : {}),
      paths: decodeFieldsV1(fieldsV1),
    }),
  );
}

/** Encodes ownerships; managers that own nothing are dropped. */
export function toManagedFields(ownerships: readonly Ownership[]): ManagedFieldsEntry[] {
  return ownerships
    .filter(({ paths }) => paths.size > 0)
    .map(({ manager, time, paths }) => ({
      manager: manager.name,
      operation: manager.operation,
      apiVersion: manager.apiVersion,
      ...(time ? { time } : {}),
      fieldsType: 'FieldsV1',
      fieldsV1: encodeFieldsV1(paths),
      ...(manager.subresource ? { subresource: manager.subresource } : {}),
    }));
}

/** Tells whether two writers count as one manager. */
function isSameManager(left: Manager, right: Manager): boolean {
  return (
    left.name === right.name && left.operation === right.operation && left.subresource === right.subresource
  );
}

/** The ownership of a manager, taken out of the list, and the others. */
export function splitOwnerships(
  all: readonly Ownership[],
  manager: Manager,
): { own: Ownership | undefined; others: Ownership[] } {
  return {
    own: all.find((ownership) => isSameManager(ownership.manager, manager)),
    others: all.filter((ownership) => !isSameManager(ownership.manager, manager)),
  };
}

function changedPaths(next: FieldSet, previous: FieldSet): Set<string> {
  const changed = new Set<string>();
  for (const [path, value] of next) {
    if (!previous.has(path) || !sameJson(previous.get(path), value)) changed.add(path);
  }
  return changed;
}

/** Records an Update: what changed belongs to the writer from now on. */
export function trackUpdate(
  next: KubeObject,
  previous: KubeObject | undefined,
  context: { manager: Manager; rules: ListRules; now: string },
): void {
  const { manager, rules, now } = context;
  const after = fieldSetOf(next, rules);
  const changed = changedPaths(after, previous ? fieldSetOf(previous, rules) : new Map());
  const { own, others } = splitOwnerships(ownershipsOf(previous), manager);
  const remaining = others.map((other) => ({
    ...other,
    paths: new Set([...other.paths].filter((path) => after.has(path) && !changed.has(path))),
  }));
  const kept = [...(own?.paths ?? [])].filter((path) => after.has(path));
  const time = changed.size > 0 || !own ? { time: now } : own.time ? { time: own.time } : {};
  const mine: Ownership = { manager, ...time, paths: new Set([...kept, ...changed]) };
  const entries = toManagedFields([...remaining, mine]);
  if (entries.length > 0) next.metadata.managedFields = entries;
  else delete next.metadata.managedFields;
}
