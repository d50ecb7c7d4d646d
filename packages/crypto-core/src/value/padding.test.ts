import { describe, expect, it } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { bucketOf, pad, unpad } from './padding.ts';

describe('bucketOf', () => {
  it.each([
    [4, 64],
    [64, 64],
    [65, 128],
    [129, 256],
    [1024, 1024],
    [1025, 1152],
    [2048, 2048],
    [2049, 2304],
    [1_000_000, 1_048_576],
    [1_048_577, 1_179_648],
  ])('puts %i bytes into %i', (bytes, bucket) => expect(bucketOf(bytes)).toBe(bucket));
  it('never shrinks, and above a kilobyte wastes an eighth at most', () => {
    let before = 0;
    for (let bytes = 4; bytes < 20_000; bytes += 1) {
      const bucket = bucketOf(bytes);
      expect(bucket >= bytes && bucket >= before).toBe(true);
      expect(bytes <= 1024 || bucket - bytes <= bytes / 8).toBe(true);
      expect(bucketOf(bucket)).toBe(bucket);
      before = bucket;
    }
  });
});

describe('unpad', () => {
  it.each([0, 1, 59, 60, 61, 1020, 1021, 5000])('inverts pad for %i bytes', (length) => {
    const value = new Uint8Array(length).fill(7);
    expect(unpad(pad(value))).toEqual(value);
  });
  it.each([
    ['nothing', new Uint8Array()],
    ['another bucket', concatBytes(pad(new Uint8Array(5)), new Uint8Array(64))],
    ['a length beyond the end', concatBytes(new Uint8Array([0, 0, 0, 61]), new Uint8Array(60))],
    ['a length near 2^32', concatBytes(new Uint8Array([255, 255, 255, 255]), new Uint8Array(60))],
    ['a byte in the padding', pad(new Uint8Array(5)).with(63, 1)],
  ])('refuses %s', (_what, payload) => expect(unpad(payload)).toBeNull());
});
