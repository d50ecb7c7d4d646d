import { SealedSecretsError } from '@fuin/crypto-core';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import { parseDocuments } from './documents.ts';
import { isEmptyFlowMap, isNull, Layout, rangeOf, type Splice, type ValueSpan } from './layout.ts';
import { nameOf, scalarOf, type Targets, targetsIn } from './nodes.ts';

/** One text to put into a document. */
export interface TextEdit {
  /** Index of the document in the stream. */
  readonly document: number;
  /** Keys as they are read (`true` for an unquoted `y`), indices for lists. */
  readonly path: readonly string[];
  readonly text: string;
}

type Tree = Map<string, Tree | string>;

/**
 * Sets texts in a YAML (or JSON) source and leaves every other byte as it is: comments, order, quotes and line ends. Missing maps on the path
 * are added at the end of the nearest one that exists. A value that aliases stand for moves to the first of them.
 *
 * @throws ERR_MANIFEST_INVALID when the source has a shape that cannot be edited in place, naming the field
 */
export function editYaml(source: string, edits: readonly TextEdit[]): string {
  const { documents } = parseDocuments(source, true);
  const layout = new Layout(source);
  const trees = new Map<number, Tree>();
  for (const { document, path, text } of edits) {
    const tree = trees.get(document) ?? new Map();
    trees.set(document, tree);
    plant(tree, path, text);
  }
  const splices = [...trees].flatMap(([index, tree]) => {
    const document = documents[index];
    if (!document) throw uneditable([]);
    return new Editor(source, layout, targetsIn(document)).edit(document.contents, tree);
  });
  return spliced(source, splices);
}

function plant(tree: Tree, path: readonly string[], text: string): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree.set(key, text);
    return;
  }
  const below = tree.get(key);
  const branch: Tree = below instanceof Map ? below : new Map();
  tree.set(key, branch);
  plant(branch, rest, text);
}

/** Splices that start at one place stay in the order in which they were made: those of inner maps come first. */
function spliced(source: string, splices: readonly Splice[]): string {
  let at = 0;
  let text = '';
  for (const { start, end, text: put } of [...splices].sort((a, b) => a.start - b.start)) {
    text += source.slice(at, start) + put;
    at = end;
  }
  return text + source.slice(at);
}

/** Finds the places of the new texts in one document. */
class Editor {
  readonly #source: string;
  readonly #layout: Layout;
  readonly #targets: Targets;
  /** By the node that they stand for, in order. */
  readonly #aliases = new Map<unknown, Alias[]>();
  readonly #splices: Splice[] = [];
  readonly #replaced = new Map<unknown, ValueSpan>();

  constructor(source: string, layout: Layout, targets: Targets) {
    this.#source = source;
    this.#layout = layout;
    this.#targets = targets;
    for (const [alias, target] of targets) {
      const ofTarget = this.#aliases.get(target) ?? [];
      ofTarget.push(alias);
      this.#aliases.set(target, ofTarget);
    }
  }

  edit(root: unknown, tree: Tree): readonly Splice[] {
    this.#node(root, tree, []);
    for (const [node, span] of this.#replaced) this.#handOver(node, span);
    return this.#splices;
  }

  #node(node: unknown, tree: Tree, path: readonly string[]): void {
    if (isMap(node)) this.#map(node, tree, path);
    else if (isSeq(node))
      for (const [index, branch] of tree) this.#branch(node.items[Number(index)], branch, [...path, index]);
    else throw uneditable(path, isAlias(node) ? 'an alias' : undefined);
  }

  #branch(node: unknown, wanted: Tree | string, path: readonly string[]): void {
    if (!(wanted instanceof Map)) throw uneditable(path);
    this.#node(node, wanted, path);
  }

  #map(map: YAMLMap, tree: Tree, path: readonly string[]): void {
    const missing: Tree = new Map();
    const pairs = this.#pairsByName(map);
    for (const [name, wanted] of tree) {
      const found = pairs.get(name);
      if (!found) missing.set(name, wanted);
      for (const pair of found?.values() ?? []) this.#pair(map, pair, wanted, [...path, name]);
    }
    if (missing.size === 0) return;
    const splice = this.#layout.insertion(map, missing);
    if (!splice) throw uneditable(path);
    this.#splices.push(splice);
  }

  /** The entries that are read under each name, by type: which one Go takes of `y` and `"true"` is chance. Of equal keys the last counts. */
  #pairsByName(map: YAMLMap): Map<string, Map<string, Pair>> {
    const pairs = new Map<string, Map<string, Pair>>();
    for (const pair of map.items) {
      const key = isAlias(pair.key) ? this.#targets.get(pair.key) : pair.key;
      const name = isScalar(key) ? nameOf(key) : undefined;
      if (name === undefined || !isScalar(key)) continue;
      const ofName = pairs.get(name) ?? new Map<string, Pair>();
      pairs.set(name, ofName.set(typeof scalarOf(key), pair));
    }
    return pairs;
  }

  #pair(map: YAMLMap, pair: Pair, wanted: Tree | string, path: readonly string[]): void {
    const { value } = pair;
    const isFree = isNull(value) || (!map.flow && isEmptyFlowMap(this.#source, value));
    if (!isFree && !isScalar(value) && !isAlias(value)) {
      this.#branch(value, wanted, path);
      return;
    }
    if (wanted instanceof Map && !isFree) throw uneditable(path, isAlias(value) ? 'an alias' : undefined);
    const span = this.#layout.spanOf(pair);
    if (!span) throw uneditable(path);
    this.#replaced.set(value ?? pair, span);
    const { anchor: _moves, ...bare } = span;
    this.#splices.push(this.#layout.replacement(map, pair, this.#aliases.has(value) ? bare : span, wanted));
  }

  /** Puts a value that was replaced into the place of the first alias that still stands for it. */
  #handOver(node: unknown, { start, end }: ValueSpan): void {
    const heir = this.#aliases.get(node)?.find((alias) => !this.#replaced.has(alias));
    const range = rangeOf(heir);
    if (!heir || !range) return;
    this.#splices.push({ start: range[0], end: range[1], text: this.#source.slice(start, end) });
  }
}

function uneditable(
  path: readonly string[],
  what = 'not of a shape that can be changed in place',
): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', `${path.join('.') || 'the top'} is ${what}`);
}
