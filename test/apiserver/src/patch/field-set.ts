import { isFields, listOf } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import type { ListRule, ListRules } from './list-rules.ts';

/** Elements of a field path as FieldsV1 writes them: `f:name`, `k:{"uid":"1"}`, `v:"x"`. */
export type FieldPath = readonly string[];

/** Leaf paths of an object, joined to one string, with their values. */
export type FieldSet = Map<string, unknown>;

const SEPARATOR = '\n';

const SERVER_METADATA = new Set([
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

/** Splits the key of a field set into its elements. */
export function splitPath(key: string): string[] {
  return key.split(SEPARATOR);
}

/** Path as error messages print it: `.data.k`, `.metadata.ownerReferences[uid="1"]`. */
export function printPath(key: string): string {
  return splitPath(key)
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('v:')) return `[=${rest}]`;
      const keys = Object.entries(JSON.parse(rest) as Fields);
      return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** The `k:` element of a list item. */
export function itemElement(item: unknown, keys: readonly string[]): string {
  const values = isFields(item) ? item : {};
  return `k:${JSON.stringify(Object.fromEntries(keys.toSorted().map((key) => [key, values[key]])))}`;
}

/** The leaves of an object that a manager can own. */
export function fieldSetOf(object: Fields, rules: ListRules): FieldSet {
  const set: FieldSet = new Map();
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = object;
  const owned = Object.entries(isFields(metadata) ? metadata : {}).filter(
    ([field]) => !SERVER_METADATA.has(field),
  );
  collect(set, { ...rest, metadata: Object.fromEntries(owned) }, { path: [], names: [], rules });
  set.delete('f:metadata');
  return set;
}

interface Position {
  readonly path: FieldPath;
  readonly names: readonly string[];
  readonly rules: ListRules;
}

function collect(set: FieldSet, value: unknown, at: Position): void {
  const rule = Array.isArray(value) ? at.rules(at.names) : undefined;
  if (isFields(value) && Object.keys(value).length > 0) collectFields(set, value, at);
  else if (!rule || rule.type === 'atomic') set.set(at.path.join(SEPARATOR), value);
  else for (const item of listOf(value)) collectItem(set, item, { ...at, rule });
}

function collectFields(set: FieldSet, value: Fields, at: Position): void {
  for (const [field, item] of Object.entries(value)) {
    if (item === undefined) continue;
    collect(set, item, { ...at, path: [...at.path, `f:${field}`], names: [...at.names, field] });
  }
}

function collectItem(set: FieldSet, item: unknown, at: Position & { readonly rule: ListRule }): void {
  const { rule } = at;
  const element = rule.type === 'map' ? itemElement(item, rule.keys) : `v:${JSON.stringify(item)}`;
  const path = [...at.path, element];
  const isWhole = at.names.at(-1) === 'ownerReferences'; // one owner is owned as a whole
  set.set(path.join(SEPARATOR), isWhole ? item : null);
  if (rule.type === 'map' && !isWhole) collect(set, item, { ...at, path });
}

/** FieldsV1 of a set of paths. */
export function encodeFieldsV1(paths: Iterable<string>): Fields {
  const root: Fields = {};
  const sorted = [...paths].sort();
  for (const key of sorted) {
    let node = root;
    for (const element of splitPath(key)) {
      node[element] ??= {};
      node = node[element] as Fields;
    }
    node['.'] = {};
  }
  return dropLoneDots(root);
}

function dropLoneDots(node: Fields): Fields {
  const keys = Object.keys(node);
  if (keys.length === 1 && keys[0] === '.') return {};
  for (const key of keys) if (key !== '.') node[key] = dropLoneDots(node[key] as Fields);
  return node;
}

/** Paths of a FieldsV1. */
export function decodeFieldsV1(fields: Fields, prefix: FieldPath = []): Set<string> {
  const keys = Object.keys(fields);
  if (keys.length === 0) return new Set(prefix.length > 0 ? [prefix.join(SEPARATOR)] : []);
  const paths = new Set<string>();
  for (const key of keys) {
    if (key === '.') paths.add(prefix.join(SEPARATOR));
    else for (const path of decodeFieldsV1(fields[key] as Fields, [...prefix, key])) paths.add(path);
  }
  return paths;
}
