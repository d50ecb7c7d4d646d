/** Sets a string in a document. Missing maps on the path are added. */
export interface SetText {
  /** Index of the document in the stream, empty documents counted. */
  readonly document: number;
  /** Keys as they are read (`true` for an unquoted `y`), indices for lists. */
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Removes an entry with a scalar value from a map. The map stays, if need be empty; a missing entry is no
 * error.
 */
export interface RemoveEntry {
  readonly document: number;
  readonly path: readonly string[];
  readonly remove: true;
}

/** One change of a stream of documents. Of several for one path the last counts. */
export type TextEdit = SetText | RemoveEntry;

/** Stands in a tree of edits for an entry to remove. */
export const REMOVED: unique symbol = Symbol('removed');

/** New strings of a map by key, and for the maps in it such trees again. */
export type AddedTree = ReadonlyMap<string, AddedTree | string>;
/** The edits of a map by key. */
export type EditTree = ReadonlyMap<string, Wanted>;
/** The edits of a stream by index of the document. */
export type EditTrees = ReadonlyMap<number, EditTree>;
/** What the edits want in one place. */
export type Wanted = EditTree | string | typeof REMOVED;

type GrowingTree = Map<string, GrowingTree | string | typeof REMOVED>;

/** The edits by document, each as one tree, so that every map is visited once. */
export function treesOf(edits: readonly TextEdit[]): EditTrees {
  const trees = new Map<number, GrowingTree>();
  for (const edit of edits) {
    let tree = branchOf(trees, edit.document);
    for (const key of edit.path.slice(0, -1)) tree = branchOf(tree, key);
    tree.set(edit.path.at(-1) ?? '', 'text' in edit ? edit.text : REMOVED);
  }
  return trees;
}

function branchOf<Key>(parent: Map<Key, Wanted | GrowingTree>, key: Key): GrowingTree {
  const known = parent.get(key);
  if (known instanceof Map) return known;
  const branch: GrowingTree = new Map();
  parent.set(key, branch);
  return branch;
}

/** The part of the edits that adds something where nothing is yet; undefined when they only remove. */
export function additionsIn(wanted: EditTree): AddedTree | undefined;
export function additionsIn(wanted: Wanted): AddedTree | string | undefined;
export function additionsIn(wanted: Wanted): AddedTree | string | undefined {
  if (wanted === REMOVED) return undefined;
  if (typeof wanted === 'string') return wanted;
  const entries = [...wanted].flatMap(([key, below]) => {
    const added = additionsIn(below);
    return added === undefined ? [] : [[key, added] as const];
  });
  return entries.length === 0 ? undefined : new Map(entries);
}

/** A value as the edits make it. The old value stays as it is; the parts without edits are shared with it. */
export function withEdits(value: unknown, wanted: Exclude<Wanted, typeof REMOVED>): unknown {
  if (typeof wanted === 'string') return wanted;
  if (typeof value !== 'object' || value === null)
    return additionsIn(wanted) ? fieldsWith({}, wanted) : value;
  if (!Array.isArray(value)) return fieldsWith(value, wanted);
  return value.flatMap((item: unknown, index) => {
    const below = wanted.get(String(index));
    if (below === REMOVED) return [];
    return [below === undefined ? item : withEdits(item, below)];
  });
}

function fieldsWith(fields: object, tree: EditTree): object {
  const result = new Map<string, unknown>(Object.entries(fields));
  for (const [key, wanted] of tree) {
    if (wanted === REMOVED) result.delete(key);
    else if (result.has(key) || additionsIn(wanted) !== undefined)
      result.set(key, withEdits(result.get(key), wanted));
  }
  return Object.fromEntries(result);
}
