import { type Alias, type Document, type Node, visit } from 'yaml';
import { coerceKey, type PlainValue, resolvePlain, resolveTagged } from './scalars.ts';

/** What the parser says about a scalar. */
export interface ScalarNode {
  readonly type?: unknown;
  readonly tag?: string;
  readonly anchor?: string;
  readonly source?: string;
  readonly value?: unknown;
}

/** Aliases can repeat a node without limit. Its text, however long, is resolved once. */
const known = new WeakMap<ScalarNode, PlainValue | undefined>();

/**
 * The value of a scalar like go-yaml v2 reads it: core tags are obeyed, other tags make a string, an unquoted
 * scalar without a tag is resolved.
 *
 * @returns undefined when the text is not what its tag says (`!!int x`)
 */
export function scalarOf(node: ScalarNode): PlainValue | undefined {
  if (!known.has(node)) known.set(node, resolve(node));
  return known.get(node);
}

function resolve(node: ScalarNode): PlainValue | undefined {
  const text = typeof node.value === 'string' ? node.value : String(node.source ?? '');
  if (node.tag !== undefined) return resolveTagged(node.tag, text);
  return isPlain(node) ? resolvePlain(text) : text;
}

/** The name that a key gives to its entry; undefined when a key cannot be such a scalar. */
export function nameOf(node: ScalarNode): string | undefined {
  const value = scalarOf(node);
  if (value === null || value === undefined) return undefined;
  return typeof value === 'string' ? value : coerceKey(value);
}

/** Whether a scalar is neither quoted nor a block. */
export function isPlain({ type }: ScalarNode): boolean {
  return type === 'PLAIN' || type === undefined;
}

/** Whether a key merges the entries of another map: `<<` without quotes, or with the tag. */
export function isMergeKey(node: ScalarNode): boolean {
  if (node.value !== '<<') return false;
  return node.tag === undefined ? isPlain(node) : node.tag.endsWith(':merge');
}

/** Which node each alias of a document stands for: the last one before it with that anchor. */
export type Targets = ReadonlyMap<Alias, Node | undefined>;

/** Finds all targets; visits each node of the document once. */
export function targetsIn(document: Document): Targets {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node | undefined>();
  visit(document, {
    Alias: (_at, alias) => {
      targets.set(alias, anchors.get(alias.source));
    },
    Value: (_at, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
