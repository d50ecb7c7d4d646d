import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { usageError } from '../invocation/usage-error.ts';
import { refuseItemName, splitAtEquals } from './item-argument.ts';

/** What makes a value at random. */
interface Generator {
  /** Default, least and most; undefined where the size is fixed. */
  readonly size?: { readonly usual: number; readonly least: number; readonly most: number };
  make(size: number): string;
}

/** Letters and digits only: they need no quotes in shells, URLs, YAML and connection strings. */
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BYTES = { usual: 32, least: 8, most: 4096 } as const;

/** The kinds of random values. Sizes are characters of a password, else bytes before they are encoded. */
const GENERATORS: Readonly<Record<string, Generator>> = {
  password: {
    size: { usual: 32, least: 12, most: 4096 },
    make: (size) => pickFrom(LETTERS_AND_DIGITS, size, randomInt),
  },
  hex: { size: BYTES, make: (size) => randomBytes(size).toString('hex') },
  base64: { size: BYTES, make: (size) => randomBytes(size).toString('base64') },
  uuid: { make: () => randomUUID() },
};

/** An item to make at random. */
export interface GeneratedItem {
  readonly item: string;
  /** Makes the value. Each call makes another one. */
  make(): string;
}

/**
 * Reads `ITEM=KIND[:SIZE]`.
 *
 * @throws ERR_USAGE for an unknown kind, or a size outside of its limits
 */
export function parseGeneratedItem(text: string): GeneratedItem {
  const { key: item, value = '' } = splitAtEquals(text);
  refuseItemName(item);
  return { item, make: parseGenerator(value) };
}

/** Reads `KIND[:SIZE]`. @throws ERR_USAGE */
export function parseGenerator(text: string): () => string {
  const [, kind = '', digits] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  const generator = Object.hasOwn(GENERATORS, kind) ? GENERATORS[kind] : undefined;
  if (!generator) {
    const kinds = Object.keys(GENERATORS).join(', ');
    throw usageError(
      'a generated item needs a kind that exists',
      `write ITEM=KIND[:SIZE]; the kinds are ${kinds}`,
    );
  }
  const { size } = generator;
  if (digits === undefined) return () => generator.make(size?.usual ?? 0);
  if (!size) throw usageError(`a value of kind ${kind} has no size`);
  const asked = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (asked < size.least || asked > size.most)
    throw usageError(`the size of a value of kind ${kind} must be between ${size.least} and ${size.most}`);
  return () => generator.make(asked);
}

/**
 * Characters of an alphabet, each with the same probability.
 *
 * @param below returns a random integer from 0 up to a limit, all with the same probability, as node:crypto's
 *   randomInt does: the remainder of a byte would prefer the first letters
 */
export function pickFrom(alphabet: string, count: number, below: (limit: number) => number): string {
  return Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
}
