import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import type { Bytes } from '../bytes.ts';
import { DER, readDer, readDerSequence, writeDer } from './der.ts';
import { hasConsistentNumbers } from './key-numbers.ts';
import { parsePem } from './pem.ts';

const [block] = parsePem(readVector('keys/rsa2048-a.pkcs1.pem'));
const pkcs1 = block?.bytes ?? new Uint8Array();
const numbers = readDerSequence(readDer(pkcs1).content).map(({ content }) =>
  BigInt(`0x${Buffer.from(content).toString('hex')}`),
);
const [, , , d = 0n, p = 0n, q = 0n] = numbers;

/** The key with some of its numbers replaced, by their place in RSAPrivateKey. */
function withNumbers(replaced: Readonly<Record<number, bigint>>): Bytes {
  const integers = numbers.map((number, place) => {
    const hex = (replaced[place] ?? number).toString(16);
    return writeDer(DER.integer, Buffer.from(`00${hex.padStart(hex.length + (hex.length % 2), '0')}`, 'hex'));
  });
  return writeDer(DER.sequence, ...integers);
}

describe('hasConsistentNumbers', () => {
  it('accepts a key as it was made', () => expect(hasConsistentNumbers(withNumbers({}))).toBe(true));

  it.each([
    ['the first prime only', { 3: d + (p - 1n), 7: (d + (p - 1n)) % (q - 1n) }],
    ['the second prime only', { 3: d + (q - 1n), 6: (d + (q - 1n)) % (p - 1n) }],
  ])('refuses a private exponent that fits %s', (_which, replaced) => {
    expect(hasConsistentNumbers(withNumbers(replaced))).toBe(false);
  });
});
