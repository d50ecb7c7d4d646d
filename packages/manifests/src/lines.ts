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

function parsedOrNothing(text: string): Pick<ParsedSource, 'documents' | 'lines'> {
  try {
    return parseDocuments(text, false);
  } catch (error) {
    if (error instanceof RangeError) return { documents: [], lines: new LineCounter() }; // nested too deeply
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
