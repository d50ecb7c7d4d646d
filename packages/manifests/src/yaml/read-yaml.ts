// Over 200 lines: one reader keeps the limits on aliases, depth and merges together.
import { SealedSecretsError } from '@fuin/crypto-core';
import { type Document, isAlias, isMap, isScalar, isSeq, type YAMLMap } from 'yaml';
import {
  errorOf,
  lineOfOldBreak,
  type ParsedDocument,
  type ParsedSource,
  parseDocuments,
} from './documents.ts';
import { type Shape, shapeOf } from './expected-types.ts';
import { isCut, type PlacedScalar } from './misread.ts';
import { isMergeKey, isPlain, nameOf, scalarOf, type Targets } from './nodes.ts';
import { coerceToText, type PlainValue } from './scalars.ts';

/** How many nodes aliases may add: a "billion laughs" is refused, not computed. No manifest comes near. */
const MAX_ALIASED = 100_000;
const MAX_DEPTH = 1_000;
/** Characters of a key that messages show. */
const MAX_SHOWN = 200;

/** One document of a YAML stream as JSON-like values; undefined for an empty one. */
export interface YamlDocument {
  readonly value: unknown;
  /**
   * Paths, as written, whose values YAML 1.1 emptied, cut, or turned into strings that the source does not
   * show.
   */
  readonly changedPaths: readonly string[];
}

/** What a YAML stream says, and the nodes that say it. */
export interface YamlStream extends ParsedSource {
  readonly values: readonly YamlDocument[];
}

/** The values of a YAML stream, read like readYaml. */
export function parseYaml(text: string, where: string, shape: Shape): readonly YamlDocument[] {
  return readYaml(text, where, shape, false).values;
}

/**
 * Reads a YAML stream as Kubernetes' tools do: YAML 1.1 scalars, the last of duplicate keys wins, unknown
 * tags are ignored.
 *
 * @param where for messages: `document N of <where>`
 * @param keepTokens whether editYaml gets the stream
 * @throws ERR_MANIFEST_INVALID with document number, line and column; never with a piece of the source
 */
export function readYaml(text: string, where: string, shape: Shape, keepTokens: boolean): YamlStream {
  try {
    const parsed = parseDocuments(text, keepTokens);
    refuseOldBreaks(parsed.source, where);
    const values = parsed.documents.map((document, index) => {
      const label = `document ${index + 1} of ${where}`;
      const error = errorOf(document.document);
      if (!error) return new Reader(document, parsed.source, label).read(shape);
      const { line, col } = parsed.lines.linePos(error.pos[0]);
      const kind = error.code.toLowerCase().replaceAll('_', ' ');
      throw invalid(`${label} is not valid YAML: line ${line}, column ${col}: ${kind}`);
    });
    return { ...parsed, values };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(`${where} is nested too deeply`);
  }
}

/** Reads one document of a stream that readYaml has read, after its nodes were changed. */
export function readDocument(
  document: ParsedDocument,
  source: string,
  label: string,
  shape: Shape,
): YamlDocument {
  return new Reader(document, source, label).read(shape);
}

function refuseOldBreaks(source: string, where: string): void {
  const line = lineOfOldBreak(source);
  if (line === undefined) return;
  throw invalid(
    `${where} holds U+0085, U+2028, U+2029 or a lone carriage return in line ${line}, where YAML 1.1 breaks the line: put the value in quotes, or take the character out of the comment`,
  );
}

class Reader {
  readonly #changedPaths: string[] = [];
  readonly #document: Document;
  readonly #source: string;
  readonly #label: string;
  readonly #targets: Targets;
  readonly #aliased: ReadonlySet<unknown>;
  #count = 0;
  #depth = 0;
  #aliasDepth = 0;

  constructor({ document, targets }: ParsedDocument, source: string, label: string) {
    this.#document = document;
    this.#source = source;
    this.#label = label;
    this.#targets = targets;
    this.#aliased = new Set(this.#targets.values());
  }

  read(shape: Shape): YamlDocument {
    const value = this.#value(this.#document.contents, shape, '');
    return { value: value ?? undefined, changedPaths: this.#changedPaths };
  }

  #value(node: unknown, shape: Shape, path: string): unknown {
    if (this.#depth > MAX_DEPTH) throw new RangeError(); // an anchor that holds its own alias never ends
    if (this.#aliasDepth > 0) this.#countAliased();
    this.#depth += 1;
    const value = isAlias(node) ? this.#aliasedValue(node, shape, path) : this.#ownValue(node, shape, path);
    this.#depth -= 1;
    return value;
  }

  #countAliased(): void {
    this.#count += 1;
    if (this.#count > MAX_ALIASED) throw invalid(`${this.#label} contains excessive aliasing`);
  }

  #aliasedValue(node: unknown, shape: Shape, path: string): unknown {
    this.#aliasDepth += 1;
    const value = this.#value(this.#target(node), shape, path);
    this.#aliasDepth -= 1;
    return value;
  }

  #ownValue(node: unknown, shape: Shape, path: string): unknown {
    if (isMap(node)) return this.#map(node, shape, path);
    if (isSeq(node))
      return node.items.map((item, at) => this.#value(item, shapeOf(shape, at), `${path}[${at}]`));
    return isScalar(node) ? this.#scalar(node as PlacedScalar, shape, path) : null;
  }

  /** The node itself, or what it is an alias of. */
  #target(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const target = this.#targets.get(node);
    if (!target) throw invalid(`${this.#label} uses an alias without an anchor`);
    return target;
  }

  #scalar(node: PlacedScalar, shape: Shape, path: string): unknown {
    const value = scalarOf(node);
    if (value === undefined)
      throw invalid(`${this.#label} has a value that is not what its tag says: ${path || 'the top'}`);
    const isRead = isString(shape) || shape === 'base64';
    const isMeant = shape === 'string or null' && value === null;
    if (isRead && !isMeant && this.#isMisread(node, value, shape)) this.#changedPaths.push(path);
    if (value === null || typeof value === 'string') return value;
    if (isString(shape)) return coerceToText(value);
    return typeof value === 'bigint' ? Number(value) : value;
  }

  #isMisread(node: PlacedScalar, value: PlainValue, shape: Shape): boolean {
    const text = value === null || typeof value === 'string' ? (value ?? '') : coerceToText(value);
    const isCoerced = isString(shape) && isUntaggedPlain(node) && value !== null && text !== node.source;
    return (
      (typeof value !== 'string' && isCoerced) || isCut(node, text, this.#source, this.#aliased.has(node))
    );
  }

  #map({ items, flow }: YAMLMap, shape: Shape, path: string): object {
    const entries = new Map<string, unknown>();
    for (const { key, value } of items) {
      if (isScalar(key) && isMergeKey(key)) {
        for (const [name, entry] of this.#merged(value, shape, path)) entries.set(name, entry);
        continue;
      }
      const { name, written } = this.#key(key, path);
      if (flow && written.startsWith('?'))
        // go-yaml drops the sign
        throw invalid(`${this.#label} has a key in braces that starts with ?: put it in quotes`);
      entries.set(
        name,
        this.#value(value, shapeOf(shape, name), path === '' ? written : `${path}.${written}`),
      );
    }
    return Object.fromEntries(entries);
  }

  /** The name of an entry, and the name as the file shows it. */
  #key(node: unknown, path: string): { name: string; written: string } {
    const target = this.#target(node);
    const under = `under ${path || 'the top'}`;
    if (!isScalar(target)) throw invalid(`${this.#label} has a key that is not a string ${under}`);
    const name = nameOf(target);
    if (name === undefined)
      throw invalid(`${this.#label} has an empty key or one that is not what its tag says ${under}`);
    const text = isUntaggedPlain(target) ? String(target.source) : name;
    const written = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
    if (name !== text) this.#changedPaths.push(path === '' ? written : `${path}.${written}`);
    return { name, written };
  }

  /**
   * The entries that a merge key adds: those of a map, or of several maps, the first of which wins. Unlike
   * YAML, go-yaml lets them replace the entries before them.
   */
  #merged(node: unknown, shape: Shape, path: string): [string, unknown][] {
    const target = this.#target(node);
    const maps = isSeq(target) && !isAlias(node) ? target.items.toReversed() : [node];
    return maps.flatMap((each) => {
      if (isMap(this.#target(each))) return Object.entries(this.#value(each, shape, path) as object);
      throw invalid(`${this.#label}: map merge requires map or sequence of maps as the value`);
    });
  }
}

function isString(shape: Shape): boolean {
  return shape === 'string' || shape === 'string or null';
}

function isUntaggedPlain(node: PlacedScalar): boolean {
  return node.tag === undefined && isPlain(node);
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
