import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair } from 'yaml';
import { type ParsedDocument, type ParsedSource, parseDocuments } from './yaml/documents.ts';
import { nameOf, type Targets } from './yaml/nodes.ts';

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

/** An entry of a text. */
export interface EntryPlace {
  /** Index of the document. */
  readonly document: number;
  /** Keys of maps, and indexes of lists. */
  readonly path: readonly string[];
}

/** The innermost entry that an offset of a JSON or YAML text lies in: its key, its value or between them. */
export function entryAt(text: string, offset: number): EntryPlace | undefined {
  const { source, documents } = parsedOrNothing(text);
  if (source !== text) return undefined; // its places are others
  for (const [document, parsed] of documents.entries()) {
    const path = pathTo(parsed.document.contents, offset);
    if (path.length > 0) return { document, path };
  }
  return undefined;
}

function pathTo(node: unknown, offset: number): string[] {
  if (isSeq(node)) {
    const at = node.items.findIndex((item) => spans(item, item, offset));
    return at < 0 ? [] : [String(at), ...pathTo(node.items[at], offset)];
  }
  if (!isMap(node)) return [];
  const pair = node.items.find(({ key, value }) => spans(key, value ?? key, offset));
  const name = pair && keyOf(pair);
  return name === undefined ? [] : [name, ...pathTo(pair?.value, offset)];
}

/** Whether an offset lies between the beginning of one node and the end of another. */
function spans(first: unknown, last: unknown, offset: number): boolean {
  const [start, end] = [startOf(first), endOf(last)];
  return start !== undefined && end !== undefined && start <= offset && offset <= end;
}

function endOf(node: unknown): number | undefined {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[1];
}

function parsedOrNothing(text: string): ParsedSource {
  try {
    return parseDocuments(text, false);
  } catch (error) {
    const isNestedTooDeeply = error instanceof RangeError;
    if (isNestedTooDeeply) return { source: text, documents: [], lines: new LineCounter() };
    throw error;
  }
}

/** The line of an entry, see EveryReading. @param lineAt the line of an offset in the source */
export function lineIn(
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

/** The name of an entry's key; undefined where it is no scalar. */
export function keyOf({ key }: Pair, targets?: Targets): string | undefined {
  const node = isAlias(key) ? targets?.get(key) : key;
  return isScalar(node) ? nameOf(node as Parameters<typeof nameOf>[0]) : undefined;
}

/** Where a node begins in the source. */
export function startOf(node: unknown): number | undefined {
  const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}
