import { encodeUtf8 } from '@fuin/crypto-core';
import type { AddedTree } from '../edits.ts';
import { compareKeys } from './key-order.ts';
import { formatText, hasLineBreak } from './scalar-style.ts';

/** A value with its fields in the order in which JSON must show them. */
export type Ordered = string | number | boolean | null | readonly Ordered[] | ReadonlyMap<string, Ordered>;

const INDENT = 2;
/** A longer key takes the explicit form. */
const MAX_SIMPLE_KEY_BYTES = 128;

/**
 * Writes a value as go-yaml v2 does, byte for byte: keys sorted naturally, lists not indented, `|` for
 * strings with line ends, strings folded at spaces past column 80.
 */
export function emitYaml(value: Ordered): string {
  const emitter = new Emitter();
  emitter.node(value, 0, false);
  return `${emitter.text.replace(/^\n/, '')}\n`;
}

/** The value after the colon of a block entry: on the same line, or on lines of its own below. */
export function block(value: AddedTree | string, column: number, newLine: string): string {
  const lines = emitYaml(new Map([['k', value]]))
    .trimEnd()
    .slice('k:'.length)
    .split('\n');
  return lines
    .map((line, index) => (index === 0 ? line.trimStart() : `${' '.repeat(column)}${line}`))
    .join(newLine);
}

/** The lines of entries that begin in a column, without the indent of their first line. */
export function blockEntries(entries: AddedTree, column: number, newLine: string): string[] {
  return [...entries].map(([key, value]) => {
    const text = block(value, column, newLine);
    return `${formatText(key)}:${/^\r?\n/.test(text) ? '' : ' '}${text}`;
  });
}

class Emitter {
  text = '';
  #column = 0;

  node(value: Ordered, indent: number, isListItem: boolean): void {
    if (value instanceof Map && value.size > 0)
      this.#map(value as ReadonlyMap<string, Ordered>, indent, isListItem);
    else if (Array.isArray(value) && value.length > 0) this.#list(value, indent, isListItem);
    else this.#space(this.#leaf(value as Exclude<Ordered, readonly Ordered[]>, indent));
  }

  #leaf(value: Ordered, indent: number): string {
    if (typeof value === 'string') return this.#text(value, indent);
    if (value instanceof Map) return '{}';
    return Array.isArray(value) ? '[]' : String(value);
  }

  #map(map: ReadonlyMap<string, Ordered>, indent: number, isListItem: boolean): void {
    let isFirst = true;
    for (const key of [...map.keys()].sort(compareKeys)) {
      if (isFirst && isListItem) this.#put(' ');
      else this.#line(indent);
      isFirst = false;
      const isSimple = this.#key(key, indent);
      const value = map.get(key) ?? null;
      this.node(value, isSimple && Array.isArray(value) ? indent : indent + INDENT, !isSimple);
    }
  }

  /**
   * Writes a key and its colon. Returns false for the explicit form, which long keys and those with line ends
   * take.
   */
  #key(key: string, indent: number): boolean {
    if (encodeUtf8(key).length <= MAX_SIMPLE_KEY_BYTES && !hasLineBreak(key)) {
      this.#put(`${formatText(key)}:`);
      return true;
    }
    this.#put('?');
    this.#space(this.#text(key, indent + INDENT));
    this.#line(indent);
    this.#put(':');
    return false;
  }

  #list(list: readonly Ordered[], indent: number, isListItem: boolean): void {
    let isFirst = true;
    for (const item of list) {
      if (isFirst && isListItem) this.#put(' ');
      else this.#line(indent);
      isFirst = false;
      this.#put('-');
      this.node(item, indent + INDENT, true);
    }
  }

  #text(text: string, indent: number): string {
    return formatText(text, { column: this.#column + 1, indent });
  }

  #space(text: string): void {
    this.#put(this.text === '' ? text : ` ${text}`);
  }

  #line(indent: number): void {
    this.text += `\n${' '.repeat(indent)}`;
    this.#column = indent;
  }

  #put(text: string): void {
    this.text += text;
    const lineEnd = text.lastIndexOf('\n');
    this.#column = lineEnd < 0 ? this.#column + [...text].length : [...text.slice(lineEnd + 1)].length;
  }
}
