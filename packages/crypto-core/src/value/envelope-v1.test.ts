import { describe, expect, it } from 'vitest';
import { concatBytes } from '../bytes.ts';
import { encodeV1, parseV1 } from './envelope-v1.ts';

const wrappedKey = new Uint8Array(256).fill(1);
const ciphertext = new Uint8Array(17).fill(2);

describe('encodeV1', () => {
  it('writes the length as uint16 big-endian, then the wrapped key, then the ciphertext', () => {
    const bytes = encodeV1({ wrappedKey, ciphertext });
    expect(bytes).toEqual(concatBytes(new Uint8Array([1, 0]), wrappedKey, ciphertext));
  });
});

describe('parseV1', () => {
  it('inverts encodeV1', () => {
    expect(parseV1(encodeV1({ wrappedKey, ciphertext }))).toEqual({ format: 'v1', wrappedKey, ciphertext });
  });
  it('reads a view that starts inside its buffer', () => {
    const padded = concatBytes(new Uint8Array(5).fill(255), encodeV1({ wrappedKey, ciphertext }));
    expect(parseV1(padded.subarray(5))).toEqual({ format: 'v1', wrappedKey, ciphertext });
  });
  it('accepts an empty value, whose ciphertext is the tag alone', () => {
    const tag = new Uint8Array(16);
    expect(parseV1(encodeV1({ wrappedKey, ciphertext: tag })).ciphertext).toEqual(tag);
  });
  it.each([
    ['nothing', new Uint8Array()],
    ['half a length', new Uint8Array([1])],
    ['a length alone', new Uint8Array([1, 0])],
    ['a wrapped key of no bytes', new Uint8Array(100)],
    ['a wrapped key that ends early', concatBytes(new Uint8Array([1, 0]), wrappedKey.subarray(1))],
    ['a tag that ends early', concatBytes(new Uint8Array([1, 0]), wrappedKey, new Uint8Array(15))],
    ['a length beyond the end', new Uint8Array([255, 255, ...new Uint8Array(300)])],
  ])('refuses %s', (_, bytes) => {
    const message = `sealed value is too short: ${bytes.length} bytes`;
    expect(() => parseV1(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_ENVELOPE_MALFORMED', message }),
    );
  });
});
