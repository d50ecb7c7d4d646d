import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONSTANT, growth } from '../../../../test/support/time/growth.ts';
import type { Bytes } from '../bytes.ts';
import { DER, readDer, readDerSequence, writeDer } from './der.ts';

const bytes = (...values: number[]): Bytes => new Uint8Array(values);
const keyInvalid = expect.objectContaining({ code: 'ERR_KEY_INVALID' });

describe('writeDer', () => {
  it.each([
    [0, [0x30, 0]],
    [127, [0x30, 127]],
    [128, [0x30, 0x81, 128]],
    [256, [0x30, 0x82, 1, 0]],
    [65_536, [0x30, 0x83, 1, 0, 0]],
  ])('writes the length %i in its shortest form', (length, head) => {
    const written = writeDer(DER.sequence, new Uint8Array(length));
    expect([...written.subarray(0, head.length)]).toEqual(head);
    expect(written.length).toBe(head.length + length);
  });
});

describe('readDer', () => {
  it('inverts writeDer and says where the next element starts', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 400 }), (content) => {
      const encoded = writeDer(DER.octetString, content);
      expect(readDer(encoded)).toEqual({ tag: DER.octetString, content, encoded, end: encoded.length });
    });
    fc.assert(property);
  });
  it.each([
    ['nothing', bytes()],
    ['a tag alone', bytes(0x30)],
    ['an indefinite length', bytes(0x30, 0x80, ...new Uint8Array(200))],
    ['a length of five bytes', bytes(0x30, 0x85, 0, 0, 0, 0, 1, 0)],
    ['a length of 4 GiB', bytes(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0)],
    ['a length that ends early', bytes(0x30, 0x84, 0, 0)],
    ['content that ends early', bytes(0x30, 2, 0)],
  ])('refuses %s', (_, encoded) => expect(() => readDer(encoded)).toThrow(keyInvalid));
  it('reads a length of up to four bytes, even if it is not the shortest form', () => {
    for (const length of [[1], [0x81, 1], [0x82, 0, 1], [0x83, 0, 0, 1], [0x84, 0, 0, 0, 1]])
      expect([...readDer(bytes(2, ...length, 7)).content]).toEqual([7]);
  });
  it('refuses an offset beyond the end', () => expect(() => readDer(bytes(2, 0), 2)).toThrow(keyInvalid));
});

describe('readDerSequence', () => {
  it('reads elements one after another', () => {
    const elements = readDerSequence(bytes(2, 1, 5, 4, 0));
    expect(elements.map(({ tag, content }) => [tag, ...content])).toEqual([[2, 5], [4]]);
  });
  it('reads 32 elements and refuses one more', () => {
    expect(readDerSequence(new Uint8Array(2 * 32))).toHaveLength(32);
    expect(() => readDerSequence(new Uint8Array(2 * 33))).toThrow(keyInvalid);
  });
  it('refuses a megabyte of empty elements without reading them all', async () => {
    const refuse = (size: number) => () =>
      expect(() => readDerSequence(new Uint8Array(size))).toThrow(keyInvalid);
    expect(await growth(refuse, 1 << 20)).toBeLessThan(CONSTANT);
  });
});
