import { isMap, isScalar, type Node, type Pair, type YAMLMap } from 'yaml';
import type { AddedTree } from '../edits.ts';
import { block, blockEntries } from './write-yaml.ts';

/** A piece of the source and the text that replaces it. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A value with its anchor and tag; right after the colon, and empty, when there is none. */
export interface ValueSpan {
  readonly start: number;
  readonly end: number;
  readonly colon: number;
  readonly anchor?: string;
}

/** Writes new values into a source in the style of their surroundings. */
export class Layout {
  readonly #source: string;
  readonly #newLine: string;

  constructor(source: string) {
    this.#source = source;
    this.#newLine = source.includes('\r\n') ? '\r\n' : '\n';
  }

  /** Where a scalar, an alias or an empty map stands. The line end after a block scalar is not part of it. */
  spanOf({ value, srcToken }: Pair): ValueSpan | undefined {
    const tokens = srcToken?.sep ?? [];
    const colon = tokens.find(({ type }) => type === 'map-value-ind')?.offset;
    if (colon === undefined) return undefined;
    const props = tokens.filter(({ type }) => type === 'anchor' || type === 'tag');
    const anchor = props.find(({ type }) => type === 'anchor')?.source;
    const [from = 0, to = 0] = rangeOf(value) ?? [];
    const last = props.at(-1);
    const [start, end] =
      from < to
        ? [from, this.#endOfScalar(value, to)]
        : [colon + 1, last ? last.offset + last.source.length : colon + 1];
    return { start: props[0]?.offset ?? start, end, colon, ...(anchor ? { anchor } : {}) };
  }

  #endOfScalar(value: unknown, end: number): number {
    const isBlock = isScalar(value) && value.type?.startsWith('BLOCK') === true;
    const lineEnd = isBlock ? (/\r?\n$/.exec(this.#source.slice(end - 2, end))?.[0].length ?? 0) : 0;
    return end - lineEnd;
  }

  /** Puts a value into the place of another, whose anchor stays. */
  replacement(map: YAMLMap, pair: Pair, span: ValueSpan, value: AddedTree | string): Splice {
    if (value instanceof Map && !map.flow) return this.#blockInPlaceOf(pair, span, value);
    const lines = map.flow ? '' : block(value, this.#columnOf(pair), this.#newLine);
    const behind = lines.includes('\n') ? this.#restOfLine(span.end) : '';
    const isSplit = /^[ \t]*#/.test(behind); // by a comment behind it
    const text = map.flow || isSplit ? flow(value) : lines;
    const anchor = span.anchor === undefined ? '' : `${span.anchor} `;
    const separator = span.start === span.colon + 1 ? ' ' : '';
    const blanks = /^[ \t]*(?=\r?\n|$)/.exec(behind)?.[0] ?? ''; // the last line of a block would take them
    return { ...span, end: span.end + blanks.length, text: separator + anchor + text };
  }

  /** A map on lines of its own, below the comment behind the colon or the value. */
  #blockInPlaceOf(pair: Pair, { colon, start, end }: ValueSpan, value: AddedTree | string): Splice {
    const before = this.#source.slice(colon + 1, start).trimEnd();
    const comment = /^[ \t]*#[^\r\n]*/.exec(this.#restOfLine(end))?.[0] ?? '';
    const text = comment + block(value, this.#columnOf(pair), this.#newLine);
    return { start: colon + 1 + before.length, end: end + comment.length, text };
  }

  /** The entries that go into the place of all that a map has; empty for none. */
  entriesFor(map: YAMLMap, entries: AddedTree): string {
    const [first] = map.items;
    if (!first) return '';
    if (map.flow) return flowEntries(entries).join(this.#flowSeparator(map));
    const column = this.#columnOf(first);
    return blockEntries(entries, column, this.#newLine).join(this.#newLine + ' '.repeat(column));
  }

  /** Puts entries at the end of a map. */
  insertion(map: YAMLMap, entries: AddedTree): Splice | undefined {
    return map.flow ? this.#insertionInFlow(map, entries) : this.#insertionInBlock(map, entries);
  }

  #insertionInBlock(map: YAMLMap, entries: AddedTree): Splice | undefined {
    const last = map.items.at(-1);
    const end = endOf(last);
    if (!last || end === undefined) return undefined;
    const column = this.#columnOf(last);
    const isAtLineStart = this.#source[end - 1] === '\n'; // a block scalar took the line end
    const at = isAtLineStart ? end : end + this.#restOfLine(end).length;
    const separator = this.#source[at - 1] === '\n' ? '' : this.#newLine;
    const lines = blockEntries(entries, column, this.#newLine).map((line) => `${' '.repeat(column)}${line}`);
    return { start: at, end: at, text: separator + lines.map((line) => line + this.#newLine).join('') };
  }

  #insertionInFlow(map: YAMLMap, entries: AddedTree): Splice | undefined {
    const range = rangeOf(map);
    if (!range) return undefined;
    const texts = flowEntries(entries);
    const last = map.items.at(-1);
    const end = endOf(last);
    if (!last || end === undefined) return { start: range[0] + 1, end: range[0] + 1, text: texts.join(', ') };
    const separator = this.#flowSeparator(map);
    return { start: end, end, text: separator + texts.join(separator) };
  }

  /** What stands before the last entry: a new entry gets its own line where the last one has one. */
  #flowSeparator(map: YAMLMap): string {
    const before = endOf(map.items.at(-2)) ?? (rangeOf(map)?.[0] ?? 0) + 1;
    const last = map.items.at(-1);
    const space = this.#source.slice(before, last && startOf(last));
    const margin = space.slice(space.trimEnd().length);
    return `,${margin.includes('\n') ? margin : ' '}`;
  }

  /** What follows on the same line, with the line end. */
  #restOfLine(at: number): string {
    const lineEnd = this.#source.indexOf('\n', at);
    return this.#source.slice(at, lineEnd < 0 ? undefined : lineEnd + 1);
  }

  #columnOf(pair: Pair): number {
    const start = startOf(pair);
    return start - (this.#source.lastIndexOf('\n', start - 1) + 1);
  }
}

/** Whether there is no value, or an unquoted null. */
export function isNull(node: unknown): boolean {
  if (node === null) return true;
  return isScalar(node) && node.type === 'PLAIN' && /^(~|null|Null|NULL|)$/.test(String(node.source ?? ''));
}

/** Whether a map in braces has no entry and no comment in it. */
export function isEmptyFlowMap(source: string, node: unknown): boolean {
  if (!isMap(node) || !node.flow || node.items.length > 0) return false;
  return !source.slice(...(rangeOf(node) ?? [0, 0])).includes('#');
}

function flow(value: AddedTree | string): string {
  return typeof value === 'string' ? JSON.stringify(value) : `{${flowEntries(value).join(', ')}}`;
}

function flowEntries(entries: AddedTree): string[] {
  return [...entries].map(([key, value]) => `${JSON.stringify(key)}: ${flow(value)}`);
}

/** Where an entry begins, its anchor, tag and question mark included. */
export function startOf({ key, srcToken }: Pair): number {
  const first = srcToken?.start.find(({ type }) => ['explicit-key-ind', 'anchor', 'tag'].includes(type));
  return first?.offset ?? rangeOf(key)?.[0] ?? 0;
}

/** Where the value of an entry ends, or its key when there is none. */
export function endOf(pair: Pair | undefined): number | undefined {
  if (!pair) return undefined;
  const [start = 0, end = 0] = rangeOf(pair.value) ?? [];
  if (end > start) return end;
  return lastPropertyOf(pair) ?? rangeOf(pair.key)?.[1]; // the parser puts an empty value behind the blanks
}

/** The end of the colon, or of the anchor or tag behind it. */
export function lastPropertyOf({ srcToken }: Pair): number | undefined {
  const PROPERTIES = ['map-value-ind', 'anchor', 'tag'];
  const last = srcToken?.sep?.findLast(({ type }) => PROPERTIES.includes(type));
  return last && last.offset + last.source.length;
}

/** Start and end of a node in the source, without anchor and tag. */
export function rangeOf(node: unknown): readonly [number, number] | undefined {
  const range = (node as Node | null)?.range;
  return range ? [range[0], range[1]] : undefined;
}
