import { encodeBase64 } from '@fuin/crypto-core';

/** What makes a value at random. */
export interface Generator {
  /** Default, least and most; undefined where the size is fixed. */
  readonly size?: { readonly usual: number; readonly least: number; readonly most: number };
  make(size: number): string | Promise<string>;
}

/** Letters and digits only: they need no quotes in shells, URLs, YAML and connection strings. */
const LETTERS_AND_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const BYTES = { usual: 32, least: 8, most: 4096 } as const;
const NUMBERS = 2 ** 32;

/**
 * The kinds of random values. Sizes are characters of a password, else bytes before they are encoded. A
 * character of a password has 5.95 bits of entropy.
 */
export const GENERATORS = {
  password: {
    size: { usual: 32, least: 12, most: 4096 },
    make: (size) => pickFrom(LETTERS_AND_DIGITS, size, randomBelow),
  },
  hex: { size: BYTES, make: (size) => hex(randomBytes(size)) },
  base64: { size: BYTES, make: (size) => encodeBase64(randomBytes(size)) },
  uuid: { make: () => crypto.randomUUID() },
} as const satisfies Readonly<Record<string, Generator>>;

/**
 * Characters of an alphabet, each with the same probability.
 *
 * @param below returns a random integer from 0 up to a limit, all with the same probability, as randomBelow
 *   does: the remainder of a byte would prefer the first letters
 */
export function pickFrom(alphabet: string, count: number, below: (limit: number) => number): string {
  return Array.from({ length: count }, () => alphabet[below(alphabet.length)]).join('');
}

/**
 * A random integer from 0 up to a limit of at most 2^32, all with the same probability.
 *
 * @param next gives random integers below 2^32; those of the last, incomplete run of `limit` are not used
 */
export function randomBelow(limit: number, next: () => number = randomNumber): number {
  const end = NUMBERS - (NUMBERS % limit);
  let number = next();
  while (number >= end) number = next();
  return number % limit;
}

function randomNumber(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}

function randomBytes(size: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(size));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
