import type { Accepted } from './verdict.ts';

const VALUE = 'packages/crypto-core/src/value';

/** Mutants that live because they change nothing that anyone can see. */
export const ACCEPTED: readonly Accepted[] = [
  {
    file: `${VALUE}/padding.ts`,
    original: 'bytes <= SMALLEST',
    replacement: 'bytes < SMALLEST',
    reason: 'the smallest bucket is a power of two, so that the next line gives the same',
  },
  {
    file: `${VALUE}/padding.ts`,
    original: 'bytes <= LARGEST_POWER',
    replacement: 'bytes < LARGEST_POWER',
    reason: 'a power of two is a multiple of a sixteenth of itself',
  },
  {
    file: `${VALUE}/padding.ts`,
    original: 'payload.length < LENGTH_BYTES',
    replacement: 'payload.length <= LENGTH_BYTES',
    reason: 'no bucket is as short as a length, so that the next check refuses it',
  },
  {
    file: `${VALUE}/aes-gcm.ts`,
    original: 'false',
    replacement: 'true',
    reason: 'whether a key could be exported: the bytes of it are at hand, and nobody exports it',
  },
];
