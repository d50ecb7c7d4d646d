import { GENERATORS, type Generator, randomBelow } from '@fuin/items';
import { usageError } from '../invocation/usage-error.ts';
import { refuseItemName, splitAtEquals } from './item-argument.ts';
import { PAIRS } from './key-pairs.ts';

/**
 * The kinds of random values. Sizes are words of a passphrase, else as in `@fuin/items`. A word has 11 bits
 * of entropy.
 */
const KINDS: Readonly<Record<string, Generator>> = {
  password: GENERATORS.password,
  hex: GENERATORS.hex,
  base64: GENERATORS.base64,
  words: { size: { usual: 12, least: 7, most: 64 }, make: pickWords },
  uuid: GENERATORS.uuid,
};

/** Items to make at random: one, or the two halves of a key pair. */
export interface GeneratedItems {
  readonly names: readonly string[];
  /** The item that others may see, such as the public half of a key pair. */
  readonly publicName?: string;
  /** Makes the values. Each call makes others. */
  make(): Promise<ReadonlyMap<string, string>>;
}

/**
 * Reads `ITEM=KIND[:SIZE]`, or `ITEM=KIND[:NAMES]` for a key pair.
 *
 * @throws ERR_USAGE for an unknown kind, or a size outside of its limits
 */
export function parseGeneratedItem(text: string): GeneratedItems {
  const { key: item, value } = splitAtEquals(text);
  if (value === undefined)
    throw usageError(
      '--generate does not say which item',
      'write ITEM=KIND[:SIZE], such as password=password:32',
    );
  refuseItemName(item);
  const { kind, option } = splitKind(value);
  const pair = Object.hasOwn(PAIRS, kind) ? PAIRS[kind]?.(item, option) : undefined;
  if (!pair) {
    const make = parseGenerator(value, [...Object.keys(KINDS), ...Object.keys(PAIRS)]);
    return { names: [item], make: async () => new Map([[item, await make()]]) };
  }
  const { privateName, publicName } = pair;
  for (const name of [privateName, publicName]) refuseItemName(name);
  const make = async () => {
    const made = await pair.make();
    return new Map([
      [publicName, made.publicHalf],
      [privateName, made.privateHalf],
    ]);
  };
  return { names: [publicName, privateName], publicName, make };
}

/** Reads `KIND[:SIZE]`. @param kinds those that a hint names. @throws ERR_USAGE */
export function parseGenerator(
  text: string,
  kinds: readonly string[] = Object.keys(KINDS),
): () => string | Promise<string> {
  const { kind, option: digits } = splitKind(text);
  const generator = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!generator) {
    if (Object.hasOwn(PAIRS, kind))
      throw usageError('a key pair is two items, and only one can be set', 'make it with kubeseal create');
    throw usageError(
      'a generated item needs a kind that exists',
      `write ITEM=KIND[:SIZE]; the kinds are ${kinds.join(', ')}`,
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

function splitKind(text: string): { readonly kind: string; readonly option: string | undefined } {
  const [, kind = '', option] = /^([^:]*)(?::(.*))?$/s.exec(text) ?? [];
  return { kind, option };
}

/** Words of the list of BIP-39: 2,048 English words that differ in their first four letters. */
async function pickWords(count: number): Promise<string> {
  const { wordlist } = await import('@scure/bip39/wordlists/english.js');
  return Array.from({ length: count }, () => wordlist[randomBelow(wordlist.length)]).join('-');
}
