import { SealedSecretsError } from '@fuin/crypto-core';
import { type Document, type Pair, visit, type YAMLMap } from 'yaml';
import { keyOf, lineIn, startOf } from './lines.ts';
import { lineOfEntry, readSimpleYaml, type SimpleDocument } from './simple/simple-yaml.ts';
import type { Shape } from './yaml/expected-types.ts';
import { readDocument, readYaml } from './yaml/read-yaml.ts';

/** How many readings of one document are tried. Joined documents without `---` have two. */
const MAX_READINGS = 64;
/** How many of one that is larger than any manifest, so that a hostile file does not take minutes. */
const MAX_READINGS_OF_LARGE = 4;
const LARGE = 1_000_000;

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
  const simple = readSimpleYaml(text, shape);
  if (simple) return simple.map(onlyReading);
  const { documents, source, lines, values } = readYaml(text, where, shape, false);
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const most = text.length > LARGE ? MAX_READINGS_OF_LARGE : MAX_READINGS;
  return documents.map((document, index) => {
    const sites = sitesOrThrow(document.document, where);
    const { others, isWhole } = choicesOf(sites, most);
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

/** A document without duplicate keys, which all programs read alike. */
function onlyReading({ value, entries }: SimpleDocument): EveryReading {
  return {
    readings: [value],
    duplicates: [],
    isWhole: true,
    lineOf: (path) => lineOfEntry(entries, path),
  };
}

/** @throws ERR_MANIFEST_INVALID where the nodes are nested too deeply for the visitor */
function sitesOrThrow(document: Document, where: string): Site[] {
  try {
    return sitesIn(document);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SealedSecretsError('ERR_MANIFEST_INVALID', `${where} is nested too deeply`);
  }
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
function choicesOf(sites: readonly Site[], limit: number): { others: Choice[]; isWhole: boolean } {
  const count = sites.reduce((product, { pairs }) => product * pairs.length, 1);
  if (count > limit) {
    const longest = sites.reduce((most, { pairs }) => Math.max(most, pairs.length), 0);
    const most = Math.min(limit, longest);
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
  const dropped = new Set(
    sites.flatMap(({ pairs }, at) => pairs.filter((_pair, index) => index !== choice[at])),
  );
  for (const map of before.keys()) map.items = map.items.filter((pair) => !dropped.has(pair));
  try {
    return read();
  } finally {
    for (const [map, items] of before) map.items = items;
  }
}
