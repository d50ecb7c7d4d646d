import { SealedSecretsError } from '@fuin/crypto-core';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
} from 'yaml';
import { coerceKey, coerceToText, type PlainValue, resolvePlain } from './scalars.ts';
import { type Shape, shapeOf } from './shape.ts';

/** Alias expansion stops here: a "billion laughs" is refused, not computed. */
const MAX_NODES = 1_000_000;

/** One document of a YAML stream as JSON-like values; undefined for an empty one. */
export interface YamlDocument {
  readonly value: unknown;
  /** Paths whose values YAML 1.1 turned into other texts than what stands in the source. */
  readonly changedPaths: readonly string[];
}

/**
 * Reads a YAML stream as Kubernetes' tools do: YAML 1.1 scalars, the last of duplicate keys wins, unknown tags are ignored.
 *
 * @param where for messages: `document N of <where>`
 * @throws ERR_MANIFEST_INVALID with document number, line and column; never with a piece of the source
 */
export function parseYaml(text: string, where: string, shape: Shape): YamlDocument[] {
  const lineCounter = new LineCounter();
  try {
    const documents = parseAllDocuments(text, {
      version: '1.1',
      schema: 'failsafe',
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
      lineCounter,
    });
    return [...documents].map((document, index) => {
      const label = `document ${index + 1} of ${where}`;
      refuseErrors(document, label, lineCounter);
      return new Reader(document, label).read(shape);
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${where} is nested too deeply`);
  }
}

function refuseErrors(document: Document, label: string, lineCounter: LineCounter): void {
  const [error] = document.errors;
  if (!error) return;
  const { line, col } = lineCounter.linePos(error.pos[0]);
  const kind = error.code.toLowerCase().replaceAll('_', ' ');
  throw invalid(`${label} is not valid YAML: line ${line}, column ${col}: ${kind}`);
}

class Reader {
  readonly #changedPaths: string[] = [];
  readonly #document: Document;
  readonly #label: string;
  #count = 0;

  constructor(document: Document, label: string) {
    this.#document = document;
    this.#label = label;
  }

  read(shape: Shape): YamlDocument {
    const contents = this.#document.contents as Node | null;
    const value = contents === null ? undefined : this.#value(contents, shape, '');
    return { value: value ?? undefined, changedPaths: this.#changedPaths };
  }

  #value(node: unknown, shape: Shape, path: string): unknown {
    this.#count += 1;
    if (this.#count > MAX_NODES) throw invalid(`${this.#label} contains excessive aliasing`);
    if (isAlias(node)) return this.#value(this.#target(node), shape, path);
    if (isMap(node)) return this.#map(node.items, shape, path);
    if (isSeq(node))
      return node.items.map((item, at) => this.#value(item, shapeOf(shape, at), `${path}[${at}]`));
    if (!isScalar(node)) return null;
    return this.#scalar(plainValueOf(node), shape, path, String(node.source ?? node.value ?? ''));
  }

  /** The node itself, or what it is an alias of. */
  #target(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const target = node.resolve(this.#document);
    if (!target) throw invalid(`${this.#label} uses an alias without an anchor`);
    return target;
  }

  #scalar(value: PlainValue, shape: Shape, path: string, source: string): unknown {
    if (value === null || typeof value === 'string') return value;
    if (shape !== 'text') return typeof value === 'bigint' ? Number(value) : value;
    const text = coerceToText(value);
    if (text !== source) this.#changedPaths.push(path);
    return text;
  }

  #map(items: readonly { key: unknown; value: unknown }[], shape: Shape, path: string): object {
    const entries = new Map<string, unknown>();
    const merged = new Map<string, unknown>();
    for (const { key, value } of items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<') {
        for (const [name, entry] of this.#merged(value, shape, path)) merged.set(name, entry);
        continue;
      }
      const name = this.#key(key, path);
      entries.set(name, this.#value(value, shapeOf(shape, name), path === '' ? name : `${path}.${name}`));
    }
    return Object.fromEntries([...merged, ...entries]);
  }

  #key(node: unknown, path: string): string {
    const target = this.#target(node);
    if (!isScalar(target))
      throw invalid(`${this.#label} has a key that is not a text under ${path || 'the top'}`);
    const source = String(target.source ?? target.value ?? '');
    const value = plainValueOf(target);
    if (value === null) throw invalid(`${this.#label} has an empty key under ${path || 'the top'}`);
    const name = typeof value === 'string' ? value : coerceKey(value);
    if (name !== source && typeof value !== 'string')
      this.#changedPaths.push(path === '' ? name : `${path}.${name}`);
    return name;
  }

  /** The entries that a merge key brings in: those of a map, or of several, the first of which wins. */
  #merged(node: unknown, shape: Shape, path: string): [string, unknown][] {
    const target = this.#target(node);
    if (isMap(target)) return Object.entries(this.#value(target, shape, path) as object);
    if (isSeq(target)) return target.items.toReversed().flatMap((item) => this.#merged(item, shape, path));
    throw invalid(`${this.#label}: map merge requires map or sequence of maps as the value`);
  }
}

/** An unquoted scalar without a tag is resolved; quoted, block and tagged ones are texts. */
function plainValueOf(node: { type?: unknown; tag?: string; source?: string; value?: unknown }): PlainValue {
  const text = typeof node.value === 'string' ? node.value : String(node.source ?? '');
  const isPlain = node.type === 'PLAIN' || node.type === undefined;
  const isTyped = node.tag === undefined || /:(bool|int|float|null)$/.test(node.tag);
  return isPlain && isTyped ? resolvePlain(text) : text;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
