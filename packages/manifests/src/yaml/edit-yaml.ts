import { SealedSecretsError } from '@fuin/crypto-core';
import { type Alias, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import {
  type AddedTree,
  additionsIn,
  type EditTree,
  type EditTrees,
  REMOVED,
  type Wanted,
} from '../edits.ts';
import { LINE_MARKS, type ParsedSource, parseDocuments } from './documents.ts';
import { isEmptyFlowMap, isNull, Layout, rangeOf, type Splice, type ValueSpan } from './layout.ts';
import { nameOf, scalarOf, type Targets } from './nodes.ts';
import { removalsFrom, replaceEntries } from './removal.ts';

/**
 * Makes edits in a YAML (or JSON) text and leaves every other byte as it is: comments, order, quotes and line
 * ends. Missing maps on the path are added at the end of the nearest one that exists. A value that aliases
 * stand for moves to the first of them.
 *
 * @param trees the edits by index of the document
 * @param parsed the text as parsed with tokens
 * @throws ERR_MANIFEST_INVALID when the text has a shape that cannot be edited in place, naming the field
 */
export function editYaml(
  text: string,
  trees: EditTrees,
  parsed: Pick<ParsedSource, 'source' | 'documents'> = parseDocuments(text, true),
): string {
  const { source, documents } = parsed;
  const layout = new Layout(source);
  const splices = [...trees].flatMap(([index, tree]) => {
    const found = documents[index];
    if (!found) throw uneditable([]);
    return new Editor(source, layout, found.targets).edit(found.document.contents, tree);
  });
  return spliced(source, splices, text);
}

/**
 * Splices that start at one place stay in the order in which they were made: those of inner maps come first.
 *
 * @param text the source with its byte order marks, which are put back except in a replaced piece
 */
function spliced(source: string, splices: readonly Splice[], text: string): string {
  const marks = [...text.matchAll(LINE_MARKS)].map(({ index }, nth) => ({
    start: index - nth,
    isMark: true,
  }));
  const all = [...marks.map((mark) => ({ ...mark, end: mark.start, text: '\ufeff' })), ...splices];
  let at = 0;
  let result = '';
  for (const splice of all.sort((a, b) => a.start - b.start)) {
    if ('isMark' in splice && splice.start < at) continue;
    result += source.slice(at, splice.start) + splice.text;
    at = Math.max(at, splice.end);
  }
  return result + source.slice(at);
}

/** Finds the places of the edits in one document. */
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

  edit(root: unknown, tree: EditTree): readonly Splice[] {
    this.#node(root, tree, []);
    for (const [node, span] of this.#replaced) this.#handOver(node, span);
    return this.#splices;
  }

  #node(node: unknown, tree: EditTree, path: readonly string[], holder?: Pair): void {
    if (isMap(node)) this.#map(node, tree, path, holder);
    else if (isSeq(node))
      for (const [index, branch] of tree) this.#branch(node.items[Number(index)], branch, [...path, index]);
    else throw uneditable(path, isAlias(node) ? 'an alias' : undefined);
  }

  #branch(node: unknown, wanted: Wanted, path: readonly string[], holder?: Pair): void {
    if (!(wanted instanceof Map)) throw uneditable(path);
    this.#node(node, wanted as EditTree, path, holder);
  }

  #map(map: YAMLMap, tree: EditTree, path: readonly string[], holder: Pair | undefined): void {
    const missing = new Map<string, Wanted>();
    const removed = new Set<Pair>();
    const pairs = this.#pairsByName(map);
    for (const [name, wanted] of tree) {
      const found = [...(pairs.get(name)?.values() ?? [])];
      const place = [...path, name];
      if (wanted === REMOVED) for (const pair of found.flat()) removed.add(this.#removable(pair, place));
      else if (found.length === 0) missing.set(name, wanted);
      else for (const same of found) this.#pair(map, same.at(-1) as Pair, wanted, place);
    }
    const splices = this.#entrySplices(map, removed, additionsIn(missing), holder);
    if (!splices) throw uneditable(path);
    this.#splices.push(...splices);
  }

  #entrySplices(
    map: YAMLMap,
    removed: ReadonlySet<Pair>,
    added: AddedTree | undefined,
    holder: Pair | undefined,
  ): Splice[] | undefined {
    if (removed.size > 0 && removed.size === map.items.length) {
      const text = added ? this.#layout.entriesFor(map, added) : '';
      return replaceEntries(this.#source, map, text, holder);
    }
    const removals = removalsFrom(this.#source, map, removed);
    if (!added) return removals;
    const insertion = this.#layout.insertion(map, added);
    return insertion && [...removals, insertion];
  }

  /**
   * The entries that are read under each name, by type of the key: of `y` and `"true"` Go takes either. Of
   * equal keys the last counts.
   */
  #pairsByName(map: YAMLMap): Map<string, Map<string, Pair[]>> {
    const pairs = new Map<string, Map<string, Pair[]>>();
    for (const pair of map.items) {
      const key = isAlias(pair.key) ? this.#targets.get(pair.key) : pair.key;
      const name = isScalar(key) ? nameOf(key) : undefined;
      if (name === undefined || !isScalar(key)) continue;
      const ofName = pairs.get(name) ?? new Map<string, Pair[]>();
      const ofType = ofName.get(typeof scalarOf(key)) ?? [];
      ofType.push(pair);
      pairs.set(name, ofName.set(typeof scalarOf(key), ofType));
    }
    return pairs;
  }

  #removable(pair: Pair, path: readonly string[]): Pair {
    const { value } = pair;
    if (value !== null && !isScalar(value) && !isAlias(value)) throw uneditable(path);
    const span = this.#layout.spanOf(pair);
    if (span) this.#replaced.set(value ?? pair, span);
    return pair;
  }

  #pair(map: YAMLMap, pair: Pair, wanted: EditTree | string, path: readonly string[]): void {
    const { value } = pair;
    const isFree = isNull(value) || (!map.flow && isEmptyFlowMap(this.#source, value));
    if (!isFree && !isScalar(value) && !isAlias(value)) {
      this.#branch(value, wanted, path, pair);
      return;
    }
    const added = additionsIn(wanted);
    if (typeof wanted !== 'string' && !isFree)
      throw uneditable(path, isAlias(value) ? 'an alias' : undefined);
    if (added === undefined) return;
    const span = this.#layout.spanOf(pair);
    if (!span) throw uneditable(path);
    this.#replaced.set(value ?? pair, span);
    const { anchor: _moves, ...bare } = span;
    this.#splices.push(this.#layout.replacement(map, pair, this.#aliases.has(value) ? bare : span, added));
  }

  /** Moves a value that was replaced or removed to the first alias that still stands for it. */
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
