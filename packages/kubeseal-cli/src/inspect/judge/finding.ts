import type { RuleId } from './rules.ts';

/** Decoded JSON or YAML, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Something that is wrong in one document. */
export interface Finding {
  readonly rule: RuleId;
  /** Names file, document and item, never a value. */
  readonly message: string;
  /** Which object or entry it is about, for the fingerprint: kind, namespace, name, item. Never a value. */
  readonly about: readonly string[];
  /** Where it is in the document. */
  readonly path: readonly string[];
  /** Counted from 1, where it is known already. */
  readonly line?: number;
}

/** A finding and where it is. */
export interface PlacedFinding extends Finding {
  readonly file: string;
  readonly line: number;
}

/** Where a value is: how messages call it, and how to get there. */
export interface Place {
  /** `document 2 of a.yaml`. */
  readonly label: string;
  readonly path: readonly string[];
}

/** The entries of a map; nothing for everything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** `shop/db` */
export function nameOf(object: Fields): string {
  const { namespace, name } = fieldsOf(object['metadata']);
  return [namespace, name].filter((part) => typeof part === 'string' && part !== '').join('/') || '(no name)';
}

/** A string in the place of a map is a value too. */
export function hasItems(items: unknown): boolean {
  return typeof items === 'string' ? items !== '' : Object.keys(fieldsOf(items)).length > 0;
}

/** A place inside another. */
export function inside({ label, path }: Place, ...keys: readonly string[]): Place {
  return { label, path: [...path, ...keys] };
}
