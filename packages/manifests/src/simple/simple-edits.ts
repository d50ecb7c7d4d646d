import {
  type AddedTree,
  additionsIn,
  type EditTree,
  type EditTrees,
  REMOVED,
  type Wanted,
} from '../edits.ts';
import type { Splice } from '../yaml/layout.ts';
import { block, blockEntries } from '../yaml/write-yaml.ts';
import type { SimpleDocument, SimpleEntry, SimpleMap } from './simple-yaml.ts';

/**
 * Puts new strings into the places of old ones and adds entries at the end of their maps; every other byte
 * stays. The result is that of editYaml.
 *
 * @param documents the text as readSimpleYaml reads it
 * @returns undefined for edits of another kind: those that remove something, and strings of several lines
 */
export function editSimpleYaml(
  text: string,
  documents: readonly SimpleDocument[],
  trees: EditTrees,
): string | undefined {
  const editor = new Editor(text);
  for (const [index, tree] of trees) {
    const document = documents[index];
    if (!document || !editor.edit(document.entries, tree)) return undefined;
  }
  return editor.result();
}

class Editor {
  readonly #text: string;
  readonly #newLine: string;
  readonly #splices: Splice[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#newLine = text.includes('\r\n') ? '\r\n' : '\n';
  }

  /** @returns false if one of the edits is of another kind */
  edit(entries: SimpleMap, tree: EditTree): boolean {
    const missing = new Map<string, Wanted>();
    for (const [name, wanted] of tree) {
      const entry = entries.get(name);
      if (wanted === REMOVED) return false;
      if (!entry) missing.set(name, wanted);
      else if (!this.#change(entry, wanted)) return false;
    }
    const added = additionsIn(missing);
    return !added || this.#add(entries, added);
  }

  /** Splices that start at one place stay in the order in which they were made: those of inner maps first. */
  result(): string {
    let at = 0;
    let result = '';
    for (const { start, end, text } of this.#splices.toSorted((a, b) => a.start - b.start)) {
      result += this.#text.slice(at, start) + text;
      at = end;
    }
    return result + this.#text.slice(at);
  }

  #change({ start, end, value, column }: SimpleEntry, wanted: EditTree | string): boolean {
    if (value instanceof Map) return typeof wanted !== 'string' && this.edit(value as SimpleMap, wanted);
    if (typeof value !== 'string' || typeof wanted !== 'string') return false;
    const text = block(wanted, column, this.#newLine);
    this.#splices.push({ start, end, text });
    return !text.includes('\n');
  }

  #add(entries: SimpleMap, added: AddedTree): boolean {
    const { column, end } = lastOf(entries);
    const lineEnd = this.#text.indexOf('\n', end);
    const at = lineEnd < 0 ? this.#text.length : lineEnd + 1;
    const separator = lineEnd < 0 ? this.#newLine : '';
    const lines = blockEntries(added, column, this.#newLine).map(
      (line) => ' '.repeat(column) + line + this.#newLine,
    );
    this.#splices.push({ start: at, end: at, text: separator + lines.join('') });
    return true;
  }
}

/** The column of the entries of a map, and the end of the last one. */
function lastOf(entries: SimpleMap): { column: number; end: number } {
  const last = [...entries.values()].at(-1);
  if (!last) throw new Error('a simple map has an entry');
  const end = last.value instanceof Map ? lastOf(last.value as SimpleMap).end : last.end;
  return { column: last.column, end };
}
