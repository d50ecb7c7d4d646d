import type { Range } from 'yaml';
import { isPlain, type ScalarNode } from './nodes.ts';

/** How far behind a value a comment is searched for, in characters. Every alias searches again. */
const LOOK_AHEAD = 200;

/** A scalar with its place in the source. */
export interface PlacedScalar extends ScalarNode {
  readonly range?: Range | null;
}

/**
 * Whether YAML empties or cuts an unquoted value that a reader may take for a string: `!qwe123`, `&abc`, `|`,
 * `#abc` and `~` are empty, `abc #123` is `abc`. A comment behind a value has a space after its sign, or it
 * looks like a part of the value.
 *
 * @param isAliased whether an alias uses it, so that its anchor has a purpose
 */
export function isCut(node: PlacedScalar, text: string, source: string, isAliased: boolean): boolean {
  const isCore = node.tag?.startsWith('tag:') === true;
  if (isCore || !(isPlain(node) || isBlock(node))) return false;
  const isEmpty = text === '';
  if (isBlock(node)) return isEmpty;
  if (node.tag !== undefined || (node.anchor !== undefined && !isAliased)) return true;
  const at = node.range?.[isEmpty ? 0 : 1] ?? source.length;
  const behind = source.slice(at, at + LOOK_AHEAD);
  return isEmpty ? Boolean(node.source) || /^[ \t]*#/.test(behind) : /^[ \t]+#[^\s#]/.test(behind);
}

function isBlock({ type }: ScalarNode): boolean {
  return typeof type === 'string' && type.startsWith('BLOCK');
}
