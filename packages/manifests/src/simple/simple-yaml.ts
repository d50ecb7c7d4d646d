import { type Shape, shapeOf } from '../yaml/expected-types.ts';
import { resolvePlain } from '../yaml/scalars.ts';

/** What an entry may hold here. */
export type SimpleValue = SimpleMap | string | number | boolean | null;
/** The entries of a map by key, in the order of the text. */
export type SimpleMap = ReadonlyMap<string, SimpleEntry>;

/** An entry of a map, and where it stands. */
export interface SimpleEntry {
  /** Where its key stands; lines are counted from 1, columns from 0. */
  readonly line: number;
  readonly column: number;
  /** Start and end of its value in the text, quotes included; 0 for a map. */
  readonly start: number;
  readonly end: number;
  readonly value: SimpleValue;
}

/** One document of a stream that is simple. */
export interface SimpleDocument {
  readonly entries: SimpleMap;
  readonly value: Readonly<Record<string, unknown>>;
}

/** An open map, and how far its entries are indented. */
interface Level {
  readonly indent: number;
  readonly name: string;
  readonly entries: Map<string, SimpleEntry>;
  readonly value: Record<string, unknown>;
}

/** An entry without a value yet: the lines below must hold a map. */
interface Waiting {
  readonly name: string;
  readonly line: number;
}

const KEY = String.raw`\.?\w[\w./-]{0,127}`;
const TEXT = String.raw`[\w./+][\w./+=@~-]*`;
/** All but control characters, and what YAML 1.1 alone takes for a line break or skips. */
const COMMENT = String.raw`#[^\0-\x08\n-\x1f\x7f-\x9f\u2028\u2029\ufeff]*`;
const ENTRY = String.raw`(${KEY}):(?: (${TEXT}|"[ !#-[\]-~]*"|'[ -&(-~]*'))?`;
/** One line: an entry, `---`, a comment or nothing. */
const LINE = new RegExp(String.raw`( *)(?:${ENTRY}|(---)|(?:${COMMENT})?)(\r?\n|$)`, 'y');
const MAX_DEPTH = 32;

/**
 * Reads YAML of the form that kubeseal and kubectl print for a SealedSecret: maps, one entry a line, with
 * values that need no parser to understand: one word, or a string in quotes without escapes. Everything that
 * could be read in more than one way (duplicate keys, lists, tags, anchors, blocks, comments behind values)
 * is left to the parser, so what this reads means the same to both (docs/adr/0029-simple-yaml.md).
 *
 * @returns undefined for every other text, whether it is valid or not
 */
export function readSimpleYaml(text: string, shape: Shape): readonly SimpleDocument[] | undefined {
  const reader = new Reader(shape);
  LINE.lastIndex = 0;
  for (let line = 1, at = 0; at < text.length; line++) {
    const found = LINE.exec(text);
    if (!found) return undefined;
    const [, spaces = '', key, value, mark, lineEnd = ''] = found;
    const end = LINE.lastIndex - lineEnd.length;
    if (key !== undefined && !reader.entry(spaces.length, key, value, { line, end })) return undefined;
    if (mark !== undefined && !(spaces === '' && reader.mark())) return undefined;
    at = LINE.lastIndex;
  }
  return reader.finish();
}

/** The line of the last entry on a path that exists, see EveryReading. */
export function lineOfEntry(entries: SimpleMap, path: readonly string[]): number | undefined {
  const [first] = entries.values();
  let line = first?.line;
  let inside: SimpleValue = entries;
  for (const key of path) {
    if (!(inside instanceof Map)) break;
    const entry: SimpleEntry | undefined = inside.get(key) ?? ofAnyCase(inside, key);
    if (!entry) break;
    line = entry.line;
    inside = entry.value;
  }
  return line;
}

function ofAnyCase(entries: SimpleMap, key: string): SimpleEntry | undefined {
  const lowerCase = key.toLowerCase();
  return [...entries].findLast(([name]) => name.toLowerCase() === lowerCase)?.[1];
}

class Reader {
  readonly #shape: Shape;
  readonly #documents: SimpleDocument[] = [];
  #levels: Level[] = [];
  #waiting: Waiting | undefined;
  #hasMark = false;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  /** A line `---`. Each document must have an entry. */
  mark(): boolean {
    const isFirst = this.#documents.length === 0 && this.#levels.length === 0 && !this.#hasMark;
    this.#hasMark = true;
    return isFirst || this.#close();
  }

  finish(): readonly SimpleDocument[] | undefined {
    return this.#close() ? this.#documents : undefined;
  }

  #close(): boolean {
    const [root] = this.#levels;
    if (!root || this.#waiting) return false;
    this.#documents.push({ entries: root.entries, value: root.value });
    this.#levels = [];
    return true;
  }

  /** @returns false for what only the parser can read */
  entry(
    indent: number,
    name: string,
    text: string | undefined,
    place: Pick<SimpleEntry, 'line' | 'end'>,
  ): boolean {
    const level = this.#levelAt(indent);
    if (!level || level.entries.has(name) || typeof resolvePlain(name) !== 'string') return false;
    if (text === undefined) {
      this.#waiting = { name, line: place.line };
      return true;
    }
    const value = this.#scalar(text, name);
    if (value === undefined) return false;
    level.entries.set(name, { ...place, column: indent, start: place.end - text.length, value });
    define(level.value, name, value);
    return true;
  }

  /** The map that a line with this indent belongs to. */
  #levelAt(indent: number): Level | undefined {
    if (this.#waiting || this.#levels.length === 0) return this.#open(indent);
    while ((this.#levels.at(-1)?.indent ?? 0) > indent) this.#levels.pop();
    const level = this.#levels.at(-1);
    return level?.indent === indent ? level : undefined;
  }

  #open(indent: number): Level | undefined {
    const outer = this.#levels.at(-1);
    const isDeeper = outer ? indent > outer.indent && this.#levels.length < MAX_DEPTH : indent === 0;
    if (!isDeeper) return undefined;
    const { name, line } = this.#waiting ?? { name: '', line: 0 };
    const level: Level = { indent, name, entries: new Map(), value: {} };
    if (outer) {
      outer.entries.set(name, { line, column: outer.indent, start: 0, end: 0, value: level.entries });
      define(outer.value, name, level.value);
    }
    this.#waiting = undefined;
    this.#levels.push(level);
    return level;
  }

  #scalar(text: string, name: string): Exclude<SimpleValue, SimpleMap> | undefined {
    if (text[0] === '"' || text[0] === "'") return text.slice(1, -1);
    const value = resolvePlain(text);
    if (typeof value === 'string') return value;
    const names = [...this.#levels.slice(1).map((level) => level.name), name];
    const shape = names.reduce<Shape>(shapeOf, this.#shape);
    // where Go expects a string, the parser warns of what is none
    if (shape === 'string' || shape === 'base64' || (shape === 'string or null' && value !== null))
      return undefined;
    return typeof value === 'bigint' ? Number(value) : value;
  }
}

/** Sets a field, also one that is named `__proto__`. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}
