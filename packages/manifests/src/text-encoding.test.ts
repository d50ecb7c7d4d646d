import { describe, expect, it } from 'vitest';
import { decodeStrictly, decodeText } from './text-encoding.ts';

const TEXT = 'a: ü😀\r\n';
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const ENCODINGS: readonly (readonly [name: string, bytes: (text: string) => Buffer])[] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a mark', (text) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16, little end first', (text) => utf16(`\ufeff${text}`)],
  ['UTF-16, big end first', (text) => utf16(`\ufeff${text}`).swap16()],
];

describe('decodeText', () => {
  it.each(ENCODINGS)('decodes %s', (_name, bytes) => {
    expect(decodeText(bytes(TEXT))).toBe(TEXT);
  });
  it('puts U+FFFD where bytes are not text', () => {
    expect(decodeText(Uint8Array.of(0x61, 0xff))).toBe('a\ufffd');
  });
});

describe('decodeStrictly', () => {
  it.each(ENCODINGS)('decodes %s, and encodes a change in the same way', (_name, bytes) => {
    const decoded = decodeStrictly(bytes(TEXT));
    expect(decoded?.text).toBe(TEXT);
    expect(Buffer.from(decoded?.encode(`b${TEXT}`) ?? [])).toEqual(bytes(`b${TEXT}`));
  });
  it.each([
    ['UTF-16 without a mark', utf16('ü')],
    ['an odd byte of UTF-16', Uint8Array.of(0xff, 0xfe, 0x61)],
    ['Latin-1', Uint8Array.of(0x61, 0xfc)],
  ])('refuses %s', (_name, bytes) => {
    expect(decodeStrictly(bytes)).toBeUndefined();
  });
});
