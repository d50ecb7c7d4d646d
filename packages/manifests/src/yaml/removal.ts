import type { CST, Pair, YAMLMap } from 'yaml';
import { endOf, lastPropertyOf, rangeOf, type Splice, startOf } from './layout.ts';

/**
 * Takes some entries out of a map. In a block map the comment behind a value is removed with it, and comments
 * on lines of their own stay. In braces all comments stay.
 */
export function removalsFrom(source: string, map: YAMLMap, removed: ReadonlySet<Pair>): Splice[] {
  return map.flow ? removalsInFlow(source, map.items, removed) : removalsInBlock(source, map.items, removed);
}

/**
 * Puts a text into the place of all entries of a map.
 *
 * @param text the new entries in the map's style; empty for none
 * @param holder the entry whose value the map is
 */
export function replaceEntries(source: string, map: YAMLMap, text: string, holder?: Pair): Splice[] {
  const [first, ...others] = map.items;
  if (!first) return [];
  if (map.flow) return replaceInFlow(source, map, text);
  const rest = removalsInBlock(source, others, new Set(others));
  const [start, end] = [startOf(first), endOfEntry(source, first)];
  if (text !== '') return [{ start, end: lineEndAfter(source, end).end, text }, ...rest];
  const property = holder && lastPropertyOf(holder);
  const isRightBehind = property !== undefined && source.slice(property, start).trim() === '';
  return [isRightBehind ? { start: property, end, text: ' {}' } : { start, end, text: '{}' }, ...rest];
}

function removalsInBlock(source: string, entries: readonly Pair[], removed: ReadonlySet<Pair>): Splice[] {
  let isInline = false; // behind the dash of a list, where the next entry moves up
  return entries.flatMap((entry) => {
    const isRemoved = removed.has(entry);
    const start = startOf(entry);
    const lineStart = source.lastIndexOf('\n', start - 1) + 1;
    isInline = isRemoved && (isInline || source.slice(lineStart, start).trim() !== '');
    if (!isRemoved) return [];
    const { next: lineEnd } = lineEndAfter(source, endOfEntry(source, entry));
    if (!isInline) return [{ start: lineStart, end: lineEnd, text: '' }];
    return [{ start, end: lineEnd + source.slice(lineEnd).search(/\S|$/), text: '' }];
  });
}

function removalsInFlow(source: string, entries: readonly Pair[], removed: ReadonlySet<Pair>): Splice[] {
  const firstKept = entries.findIndex((entry) => !removed.has(entry));
  return entries.flatMap((entry, at) => {
    if (!removed.has(entry)) return [];
    const [before, after] = at < firstKept ? [entry, entries[at + 1]] : [entries[at - 1], entry];
    if (!before || !after) return [];
    const isCommented = source.slice(endOfEntry(source, before), startOf(after)).includes('#');
    if (isCommented)
      return [
        ...commasIn(after.srcToken?.start ?? []),
        { start: startOf(entry), end: endOfEntry(source, entry), text: '' },
      ];
    return at < firstKept
      ? [{ start: startOf(entry), end: startOf(after), text: '' }]
      : [{ start: endOfEntry(source, before), end: endOfEntry(source, entry), text: '' }];
  });
}

function replaceInFlow(source: string, map: YAMLMap, text: string): Splice[] {
  const [first, ...others] = map.items;
  const [start, end] = rangeOf(map) ?? [0, 0];
  if (!first) return [];
  const hasComment = source.slice(start, end).includes('#');
  if (!hasComment && text === '') return [{ start: start + 1, end: end - 1, text }];
  if (!hasComment) return [{ start: startOf(first), end: endOfEntry(source, others.at(-1) ?? first), text }];
  const commas = tokenItems(map).flatMap(({ start }) => commasIn(start));
  const rest = others.map((entry) => ({ start: startOf(entry), end: endOfEntry(source, entry), text: '' }));
  return [{ start: startOf(first), end: endOfEntry(source, first), text }, ...commas, ...rest];
}

function tokenItems({ srcToken }: YAMLMap): readonly CST.CollectionItem[] {
  return srcToken !== undefined && 'items' in srcToken ? srcToken.items : [];
}

function commasIn(tokens: readonly CST.SourceToken[]): Splice[] {
  return tokens
    .filter(({ type }) => type === 'comma')
    .map(({ offset }) => ({ start: offset, end: offset + 1, text: '' }));
}

/** Where the value ends, before the line end that a block takes with it. */
function endOfEntry(source: string, entry: Pair): number {
  const end = endOf(entry) ?? 0;
  if (source[end - 1] !== '\n') return end;
  return source[end - 2] === '\r' ? end - 2 : end - 1;
}

/** Where the line ends and where the next one begins. */
function lineEndAfter(source: string, at: number): { readonly end: number; readonly next: number } {
  const lineEnd = /\r?\n/g;
  lineEnd.lastIndex = at;
  const found = lineEnd.exec(source);
  return { end: found?.index ?? source.length, next: found ? lineEnd.lastIndex : source.length };
}
