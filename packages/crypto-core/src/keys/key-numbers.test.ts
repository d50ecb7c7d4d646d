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
const [, n = 0n, , d = 0n, p = 0n, q = 0n] = numbers;

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
  it.each([
    ['a modulus that is not their product', { 1: n + 2n }],
    ['the first prime 0', { 4: 0n }],
    ['the first prime 1', { 1: q, 4: 1n }],
    ['the second prime 0', { 5: 0n }],
    ['the second prime 1', { 1: p, 5: 1n }],
    ['a modulus and primes of 1', { 1: 1n, 4: 1n, 5: 1n }],
    ['no public exponent', { 2: 0n }],
    ['no private exponent', { 3: 0n }],
  ])('refuses %s', (_which, replaced) => {
    expect(hasConsistentNumbers(withNumbers(replaced))).toBe(false);
  });
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'refuses a key of which only the first %i numbers are there',
    (count) => {
      const elements = readDerSequence(readDer(pkcs1).content).slice(0, count);
      const cut = writeDer(DER.sequence, ...elements.map(({ encoded }) => encoded));
      expect(hasConsistentNumbers(cut)).toBe(false);
    },
  );
});
