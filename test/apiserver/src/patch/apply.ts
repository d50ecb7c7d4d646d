import { clone, isFields, sameJson } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { ApiError } from '../objects/status-errors.ts';
import { fieldSetOf, itemElement, printPath, splitPath } from './field-set.ts';
import type { ListRules } from './list-rules.ts';
import {
  type Manager,
  type Ownership,
  ownershipsOf,
  splitOwnerships,
  toManagedFields,
} from './managed-fields.ts';

/** What server-side apply needs to know beside the two objects. */
export interface ApplyContext {
  readonly manager: Manager;
  readonly isForced: boolean;
  readonly rules: ListRules;
  readonly now: string;
}

interface Conflict {
  readonly manager: Manager;
  readonly path: string;
}

/**
 * Merges an applied configuration into the live object and records ownership.
 * @throws 409 on conflicts unless forced
 */
export function applyConfiguration(
  live: KubeObject | undefined,
  config: Fields,
  context: ApplyContext,
): KubeObject {
  const { manager, isForced, rules, now } = context;
  const applied = fieldSetOf(config, rules);
  const current = live ? fieldSetOf(live, rules) : new Map<string, unknown>();
  const { own, others } = splitOwnerships(ownershipsOf(live), manager);
  const isDifferent = (path: string) => applied.has(path) && !sameJson(current.get(path), applied.get(path));
  const conflicts = others.flatMap(({ manager: other, paths }) =>
    [...paths].filter(isDifferent).map((path): Conflict => ({ manager: other, path })),
  );
  if (conflicts.length > 0 && !isForced) throw conflictError(conflicts);
  const remaining: Ownership[] = others.map((other) => ({
    ...other,
    paths: new Set([...other.paths].filter((path) => !isDifferent(path))),
  }));
  const merged = merge(live ? clone(live) : {}, config, { rules, names: [] }) as KubeObject;
  const isOwnedByOthers = (path: string) => remaining.some(({ paths }) => paths.has(path));
  for (const path of own?.paths ?? []) {
    if (!applied.has(path) && !isOwnedByOthers(path)) removePath(merged, splitPath(path));
  }
  const isUnchanged =
    own && applied.size === own.paths.size && [...applied.keys()].every((path) => own.paths.has(path));
  const time =
    isUnchanged && own.time && conflicts.length === 0 && !hasChanges(applied, isDifferent) ? own.time : now;
  const mine: Ownership = { manager, time, paths: new Set(applied.keys()) };
  merged.metadata = { ...merged.metadata, managedFields: toManagedFields([mine, ...remaining]) };
  return merged;
}

function hasChanges(applied: Map<string, unknown>, isDifferent: (path: string) => boolean): boolean {
  return [...applied.keys()].some(isDifferent);
}

function printManager({ manager }: Conflict): string {
  const name =
    JSON.stringify(manager.name) +
    (manager.subresource ? ` with subresource ${JSON.stringify(manager.subresource)}` : '');
  if (manager.operation === 'Apply') return name;
  return `${name} using ${manager.apiVersion}`;
}

function conflictError(conflicts: readonly Conflict[]): ApiError {
  const byManager = Map.groupBy(conflicts, printManager);
  const parts = [...byManager].map(([manager, list]) => {
    const fields = list.map(({ path }) => printPath(path));
    return fields.length === 1 && byManager.size === 1
      ? `conflict with ${manager}: ${fields[0]}`
      : `conflicts with ${manager}:\n${fields.map((field) => `- ${field}`).join('\n')}`;
  });
  const plural = conflicts.length === 1 ? 'conflict' : 'conflicts';
  return new ApiError({
    code: 409,
    reason: 'Conflict',
    message: `Apply failed with ${conflicts.length} ${plural}: ${parts.join('\n')}`,
    details: {
      causes: conflicts.map((conflict) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with ${printManager(conflict)}`,
        field: printPath(conflict.path),
      })),
    },
  });
}

interface Place {
  readonly rules: ListRules;
  readonly names: readonly string[];
}

function merge(live: unknown, applied: unknown, place: Place): unknown {
  if (isFields(applied)) return mergeFields(isFields(live) ? live : {}, applied, place);
  if (!Array.isArray(applied) || !Array.isArray(live)) return clone(applied);
  const rule = place.rules(place.names);
  if (rule.type === 'atomic') return clone(applied);
  if (rule.type === 'set')
    return [...live, ...applied.filter((item) => !live.some((other) => sameJson(other, item)))];
  const elementOf = (item: unknown) => itemElement(item, rule.keys);
  const updates = new Map(applied.map((item) => [elementOf(item), item]));
  const merged = live.map((item) =>
    updates.has(elementOf(item)) ? merge(item, updates.get(elementOf(item)), place) : item,
  );
  const known = new Set(live.map(elementOf));
  return [...merged, ...clone(applied.filter((item) => !known.has(elementOf(item))))];
}

function mergeFields(live: Fields, applied: Fields, { rules, names }: Place): Fields {
  for (const [field, value] of Object.entries(applied)) {
    if (value !== undefined) live[field] = merge(live[field], value, { rules, names: [...names, field] });
  }
  return live;
}

function removePath(node: unknown, path: readonly string[]): void {
  const [element = '', ...rest] = path;
  if (Array.isArray(node)) {
    removeItem(node, element, rest);
    return;
  }
  if (!isFields(node)) return;
  const field = element.slice(2);
  if (rest.length === 0) delete node[field];
  else {
    removePath(node[field], rest);
    const left = node[field];
    if (typeof left === 'object' && left !== null && Object.keys(left).length === 0) delete node[field];
  }
}

function removeItem(list: unknown[], element: string, rest: readonly string[]): void {
  const wanted: unknown = JSON.parse(element.slice(2));
  const matches = (item: unknown) =>
    isFields(wanted)
      ? isFields(item) && Object.entries(wanted).every(([key, value]) => sameJson(item[key], value))
      : item === wanted;
  const index = list.findIndex(matches);
  if (index < 0) return;
  if (rest.length === 0) list.splice(index, 1);
  else removePath(list[index], rest);
}
