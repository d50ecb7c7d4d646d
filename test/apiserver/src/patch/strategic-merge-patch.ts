import { clone, isFields, listOf, sameJson } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import { builtInListRules } from './list-rules.ts';

const ORDER = '$setElementOrder/';
const REMOVE = '$deleteFromPrimitiveList/';

/** Applies a strategic merge patch of a built-in kind and returns the result; the target is not changed. */
export function applyStrategicMergePatch(target: Fields, patch: Fields): Fields {
  return mergeFields(target, patch, []);
}

function mergeFields(target: Fields, patch: Fields, path: readonly string[]): Fields {
  if (patch['$patch'] === 'delete') return {};
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const result = retain(target, patch['$retainKeys']);
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null) delete result[field];
    else result[field] = mergeValue(result[field], value, [...path, field]);
  }
  removeFromPrimitiveLists(result, patch);
  for (const [directive, order] of Object.entries(patch)) {
    if (directive.startsWith(ORDER)) sortList(result, directive.slice(ORDER.length), listOf(order), path);
  }
  return result;
}

function retain(target: Fields, keys: unknown): Fields {
  if (!Array.isArray(keys)) return { ...target };
  return Object.fromEntries(Object.entries(target).filter(([key]) => keys.includes(key)));
}

function removeFromPrimitiveLists(result: Fields, patch: Fields): void {
  for (const [directive, values] of Object.entries(patch)) {
    if (!directive.startsWith(REMOVE)) continue;
    const field = directive.slice(REMOVE.length);
    const left = listOf(result[field]).filter((item) => !listOf(values).includes(item));
    if (left.length > 0) result[field] = left;
    else delete result[field];
  }
}

function mergeValue(target: unknown, patch: unknown, path: readonly string[]): unknown {
  if (isFields(patch)) return mergeFields(isFields(target) ? target : {}, patch, path);
  if (!Array.isArray(patch)) return patch;
  const rule = builtInListRules(path);
  if (rule.type === 'atomic') return clone(patch);
  const live = listOf(target);
  if (rule.type === 'set') return [...live, ...patch.filter((item) => !live.includes(item))];
  return mergeItems(live, patch.filter(isFields), { key: rule.keys[0] ?? '', path });
}

function mergeItems(
  live: unknown[],
  patch: Fields[],
  at: { key: string; path: readonly string[] },
): unknown[] {
  const { key, path } = at;
  if (patch.some((item) => item['$patch'] === 'replace' && item[key] === undefined)) {
    return patch.filter((item) => item['$patch'] !== 'replace').map(withoutDirectives);
  }
  const result = [...live];
  for (const item of patch) {
    const index = result.findIndex((other) => isFields(other) && sameJson(other[key], item[key]));
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(mergeFields({}, item, path));
    else result[index] = mergeFields(result[index] as Fields, item, path);
  }
  return result;
}

function sortList(result: Fields, field: string, order: readonly unknown[], path: readonly string[]): void {
  const list = result[field];
  if (!Array.isArray(list)) return;
  const rule = builtInListRules([...path, field]);
  const key = rule.type === 'map' ? rule.keys[0] : undefined;
  const identityOf = (item: unknown) => (key && isFields(item) ? item[key] : item);
  const ranks = order.map(identityOf);
  const rankOf = (item: unknown) => {
    const rank = ranks.indexOf(identityOf(item));
    return rank < 0 ? ranks.length : rank;
  };
  result[field] = list.toSorted((left, right) => rankOf(left) - rankOf(right));
}

function withoutDirectives(patch: Fields): Fields {
  return Object.fromEntries(Object.entries(patch).filter(([field]) => !field.startsWith('$')));
}
