import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import { emitYaml, type Ordered } from './emit.ts';
import { formatText } from './text.ts';

/** One text to put into a document. */
export interface TextEdit {
  /** Index of the document in the stream. */
  readonly document: number;
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * Sets texts in a YAML (or JSON) source and leaves every other byte as it is: comments, order, quotes and line ends. Missing maps on the path
 * are added at the end of the nearest one that exists.
 *
 * @returns undefined when the source has a shape that cannot be edited in place (an alias on the path, a scalar where a map belongs)
 */
export function editYaml(source: string, edits: readonly TextEdit[]): string | undefined {
  let text = source;
  for (const edit of edits) {
    const next = applyEdit(text, edit);
    if (next === undefined) return undefined;
    text = next;
  }
  return text;
}

function applyEdit(source: string, { document, path, text }: TextEdit): string | undefined {
  const documents = parseAllDocuments(source, {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
    lineCounter: new LineCounter(),
  });
  const root = ([...documents][document] as Document | undefined)?.contents as Node | null | undefined;
  if (!isMap(root)) return undefined;
  let map: YAMLMap = root;
  for (const [depth, key] of path.entries()) {
    const pair = lastPair(map, key);
    const rest = path.slice(depth + 1);
    if (!pair) return insert(source, map, key, nest(rest, text));
    if (rest.length === 0) return replaceValue(source, map, pair, text);
    if (isMap(pair.value) && !pair.value.anchor) map = pair.value;
    else if (isNull(pair.value)) return replaceValue(source, map, pair, nest(rest, text));
    else return undefined;
  }
  return undefined;
}

/** With duplicate keys the last one counts. */
function lastPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.findLast((pair) => isScalar(pair.key) && pair.key.value === key);
}

function nest(path: readonly string[], text: string): Ordered {
  return path.reduceRight<Ordered>((value, key) => new Map([[key, value]]), text);
}

function isNull(node: unknown): boolean {
  return (
    node === null ||
    (isScalar(node) && node.type === 'PLAIN' && /^(~|null|Null|NULL|)$/.test(String(node.source ?? '')))
  );
}

function replaceValue(source: string, map: YAMLMap, pair: Pair, value: Ordered): string | undefined {
  const span = spanOfValue(source, pair);
  if (!span) return undefined;
  const replacement = map.flow ? flow(value) : block(value, columnOf(source, pair), newLineOf(source));
  if (/^\r?\n/.test(replacement)) {
    return source.slice(0, span.start).trimEnd() + replacement + source.slice(span.end);
  }
  const separator = span.isEmpty ? ' ' : '';
  return source.slice(0, span.start) + separator + replacement + source.slice(span.end);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly isEmpty: boolean;
}

/** Where a scalar value stands; right after the colon when there is none. The line end after a block scalar is not part of it. */
function spanOfValue(source: string, { key, value }: Pair): Span | undefined {
  const range = rangeOf(value);
  if (value !== null && !(isScalar(value) && range)) return undefined;
  if (range === undefined || range[0] === range[1]) {
    const colon = source.indexOf(':', rangeOf(key)?.[1] ?? source.length);
    return colon < 0 ? undefined : { start: colon + 1, end: colon + 1, isEmpty: true };
  }
  const isBlock = isScalar(value) && value.type?.startsWith('BLOCK') === true;
  const end = isBlock && source[range[1] - 1] === '\n' ? range[1] - 1 : range[1];
  return { start: range[0], end, isEmpty: false };
}

function insert(source: string, map: YAMLMap, key: string, value: Ordered): string | undefined {
  return map.flow ? insertFlow(source, map, key, value) : insertBlock(source, map, key, value);
}

function insertBlock(source: string, map: YAMLMap, key: string, value: Ordered): string | undefined {
  const last = map.items.at(-1);
  const end = endOf(last);
  if (!last || end === undefined) return undefined;
  const column = columnOf(source, last);
  const newLine = newLineOf(source);
  const rest = source.slice(end);
  // past the comment and the line end that belong to the last entry, unless its block scalar took the line end itself
  const tail = source.slice(0, end).endsWith('\n') ? 0 : (/^[^\n]*(\n|$)/.exec(rest)?.[0].length ?? 0);
  const before = source.slice(0, end + tail);
  const separator = before.endsWith('\n') ? '' : newLine;
  const entry = `${' '.repeat(column)}${formatText(key)}:${prefixed(block(value, column, newLine))}${newLine}`;
  return before + separator + entry + source.slice(end + tail);
}

function insertFlow(source: string, map: YAMLMap, key: string, value: Ordered): string | undefined {
  const range = rangeOf(map);
  if (!range) return undefined;
  const entry = `${JSON.stringify(key)}: ${flow(value)}`;
  const last = map.items.at(-1);
  const lastEnd = endOf(last);
  if (!last || lastEnd === undefined)
    return `${source.slice(0, range[0])}{${entry}}${source.slice(range[1])}`;
  const keyStart = rangeOf(last.key)?.[0] ?? 0;
  const margin = /\s*$/.exec(source.slice(range[0] + 1, keyStart))?.[0] ?? '';
  const separator = margin.includes('\n') ? margin : ' ';
  return `${source.slice(0, lastEnd)},${separator}${entry}${source.slice(lastEnd)}`;
}

/** The value after the colon of a block entry: on the same line, or on lines of its own below. */
function block(value: Ordered, column: number, newLine: string): string {
  const lines = emitYaml(new Map([['k', value]]))
    .trimEnd()
    .slice('k:'.length)
    .split('\n');
  return lines
    .map((line, index) => (index === 0 ? line.trimStart() : `${' '.repeat(column)}${line}`))
    .join(newLine);
}

function prefixed(text: string): string {
  return /^\r?\n/.test(text) ? text : ` ${text}`;
}

function flow(value: Ordered): string {
  if (!(value instanceof Map)) return JSON.stringify(value);
  return `{${[...value].map(([key, entry]) => `${JSON.stringify(key)}: ${flow(entry)}`).join(', ')}}`;
}

function endOf(pair: Pair | undefined): number | undefined {
  if (!pair) return undefined;
  const range = rangeOf(pair.value);
  return range && range[1] > 0 ? range[1] : rangeOf(pair.key)?.[1];
}

function columnOf(source: string, pair: Pair): number {
  const start = rangeOf(pair.key)?.[0] ?? 0;
  return start - (source.lastIndexOf('\n', start - 1) + 1);
}

function newLineOf(source: string): string {
  return source.includes('\r\n') ? '\r\n' : '\n';
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  return ((node as Node | null)?.range ?? undefined) as readonly [number, number, number] | undefined;
}
