import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  visit,
  type YAMLMap,
} from 'yaml';
import { type ParsedDocument, type ParsedSource, parseDocuments } from './yaml/documents.ts';
import type { Shape } from './yaml/expected-types.ts';
import { nameOf, type Targets } from './yaml/nodes.ts';
import { readDocument, readYaml } from './yaml/read-yaml.ts';

/** How many readings of one document are tried. Joined documents without `---` have two. */
const MAX_READINGS = 64;

/** One document as programs may read it that treat duplicate keys differently. */
export interface EveryReading {
  /** As Kubernetes reads it (the last of duplicate keys counts), then with other choices. */
  readonly readings: readonly unknown[];
  readonly duplicates: readonly DuplicateKey[];
  /** False if there are more readings than these. */
  readonly isWhole: boolean;
  /**
   * The line in which an entry begins, counted from 1; of the last entry on the path that exists. The case of
   * names does not matter.
   */
  lineOf(path: readonly string[]): number | undefined;
}

/** A key that a map has twice or more. */
export interface DuplicateKey {
  readonly name: string;
  /** Of its second occurrence. */
  readonly line: number;
}

/** A key of one map with the entries that share it. */
interface Site {
  readonly map: YAMLMap;
  readonly name: string;
  readonly pairs: readonly Pair[];
}

/**
 * Reads a YAML stream like parseYaml, and each document also as a program reads it for which another of
 * duplicate keys counts.
 *
 * @throws ERR_MANIFEST_INVALID like readYaml
 */
export function parseEveryReading(text: string, where: string, shape: Shape): EveryReading[] {
  const { documents, source, lines, values } = readYaml(text, where, shape, false);
  const lineAt = (offset: number) => lines.linePos(offset).line;
  return documents.map((document, index) => {
    const sites = sitesIn(document.document);
    const { others, isWhole } = choicesOf(sites);
    const label = `document ${index + 1} of ${where}`;
    const read = (choice: Choice) =>
      withChoice(sites, choice, () => readDocument(document, source, label, shape).value);
    return {
      readings: [values[index]?.value, ...others.map(read)],
      duplicates: sites.map(({ name, pairs }) => ({ name, line: lineAt(startOf(pairs[1]?.key) ?? 0) })),
      isWhole,
      lineOf: (path) => lineIn(document, path, lineAt),
    };
  });
}

/**
 * Where entries of a JSON or YAML text begin, see EveryReading. It parses the text, so ask only where there
 * is something to report.
 *
 * @returns a function of the document's index and the path; undefined for what YAML cannot read
 */
export function linesOf(text: string): (document: number, path: readonly string[]) => number | undefined {
  const { documents, lines } = parsedOrNothing(text);
  return (document, path) => {
    const parsed = documents[document];
    return parsed && lineIn(parsed, path, (offset) => lines.linePos(offset).line);
  };
}

function parsedOrNothing(text: string): Pick<ParsedSource, 'documents' | 'lines'> {
  try {
    return parseDocuments(text, false);
  } catch (error) {
    if (error instanceof RangeError) return { documents: [], lines: new LineCounter() }; // nested too deeply
    throw error;
  }
}

function lineIn(
  { document, targets }: ParsedDocument,
  path: readonly string[],
  lineAt: (offset: number) => number,
): number | undefined {
  let node: unknown = document.contents;
  let start = startOf(node);
  for (const key of path) {
    const entry = entryOf(isAlias(node) ? targets.get(node) : node, key, targets);
    if (!entry) break;
    start = startOf(entry.start) ?? start;
    node = entry.value;
  }
  return start === undefined ? undefined : lineAt(start);
}

function entryOf(
  node: unknown,
  key: string,
  targets: Targets,
): { start: unknown; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : { start: item, value: item };
  }
  if (!isMap(node)) return undefined;
  const names = node.items.map((pair) => ({ pair, name: keyOf(pair, targets) }));
  const found =
    names.findLast(({ name }) => name === key) ??
    names.findLast(({ name }) => name?.toLowerCase() === key.toLowerCase());
  return found && { start: found.pair.key, value: found.pair.value };
}

function keyOf({ key }: Pair, targets?: Targets): string | undefined {
  const node = isAlias(key) ? targets?.get(key) : key;
  return isScalar(node) ? nameOf(node as Parameters<typeof nameOf>[0]) : undefined;
}

function startOf(node: unknown): number | undefined {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}

function sitesIn(document: Document): Site[] {
  const sites: Site[] = [];
  visit(document, {
    Map: (_at, map) => {
      const byName = new Map<string, Pair[]>();
      for (const pair of map.items) {
        const name = keyOf(pair);
        if (name === undefined || name === '<<') continue;
        const same = byName.get(name);
        if (same) same.push(pair);
        else byName.set(name, [pair]);
      }
      if (byName.size === map.items.length) return;
      for (const [name, pairs] of byName) if (pairs.length > 1) sites.push({ map, name, pairs });
    },
  });
  return sites;
}

/** Which entry of each site counts, by its index. */
type Choice = readonly number[];

/** All choices but the last entries everywhere; if these are too many, the n-th entry everywhere. */
function choicesOf(sites: readonly Site[]): { others: Choice[]; isWhole: boolean } {
  const count = sites.reduce((product, { pairs }) => product * pairs.length, 1);
  if (count > MAX_READINGS) {
    const most = Math.min(MAX_READINGS, Math.max(...sites.map(({ pairs }) => pairs.length)));
    const others = Array.from({ length: most }, (_, nth) =>
      sites.map(({ pairs }) => Math.min(nth, pairs.length - 1)),
    );
    return { others, isWhole: false };
  }
  const others = Array.from({ length: count - 1 }, (_, number) => {
    let rest = number;
    return sites.map(({ pairs }) => {
      const at = rest % pairs.length;
      rest = Math.floor(rest / pairs.length);
      return at;
    });
  });
  return { others, isWhole: true };
}

/** Reads while each site has only the chosen entry. */
function withChoice<T>(sites: readonly Site[], choice: Choice, read: () => T): T {
  const before = new Map(sites.map(({ map }) => [map, map.items]));
  for (const [at, { map, pairs }] of sites.entries()) {
    const dropped = new Set(pairs.filter((_pair, index) => index !== choice[at]));
    map.items = map.items.filter((pair) => !dropped.has(pair));
  }
  try {
    return read();
  } finally {
    for (const [map, items] of before) map.items = items;
  }
}
