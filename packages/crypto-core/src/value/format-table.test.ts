import { describe, expect, it } from 'vitest';
import { concatBytes, encodeBase64 } from '../bytes.ts';
import { encodeV1, parseV1 } from './envelope-v1.ts';
import { encodeV2, headerV2 } from './envelope-v2.ts';
import { looksSealed, parseEnvelope, sealedSizes } from './format-table.ts';
import { valueFactsOf } from './value-facts.ts';

const sealedValue = (wrappedKeyBytes: number) =>
  encodeV1({ wrappedKey: new Uint8Array(wrappedKeyBytes).fill(7), ciphertext: new Uint8Array(20).fill(9) });
const sealed = encodeBase64(sealedValue(256));
const sealedV2 = encodeBase64(
  encodeV2(
    headerV2({ suite: 1, recipients: 1 }, false),
    [{ keyId: new Uint8Array(16), encapsulation: new Uint8Array(1120), wrappedKey: new Uint8Array(48) }],
    { commitment: new Uint8Array(32), ciphertext: new Uint8Array(80) },
  ),
);

describe('parseEnvelope', () => {
  it('reads a value of upstream by the row of v1', () => {
    expect(parseEnvelope(sealedValue(256))).toEqual(parseV1(sealedValue(256)));
  });
  it('refuses two zero bytes, with which no value of upstream begins', () => {
    expect(() => parseEnvelope(concatBytes(new Uint8Array(2), sealedValue(256)))).toThrow(
      expect.objectContaining({ code: 'ERR_ENVELOPE_MALFORMED' }),
    );
  });
});

describe('looksSealed', () => {
  it('recognises a value of format v2', () => expect(looksSealed(sealedV2)).toBe('sealed'));
  it.each([128, 129, 256, 512, 2048])('recognises a value whose wrapped key has %i bytes', (size) => {
    expect(looksSealed(encodeBase64(sealedValue(size)))).toBe('sealed');
  });
  it.each([1, 127, 2049])('does not recognise a value whose wrapped key has %i bytes', (size) => {
    expect(looksSealed(encodeBase64(sealedValue(size)))).toBe('no');
  });
  it.each([
    ['that was cut', sealed.slice(0, 200)],
    ['of format v2 that was cut', sealedV2.slice(0, 200)],
    ['with a space in it', `${sealed.slice(0, 64)} ${sealed.slice(64)}`],
    ['in lines that are indented', sealed.replace(/(.{64})/g, '$1\n    ')],
  ])('says damaged of a sealed value %s', (_, text) => expect(looksSealed(text)).toBe('damaged'));
  it.each([
    ['an empty string', ''],
    ['a password', 'correct horse battery staple'],
    ['a long string in base64', encodeBase64(new TextEncoder().encode('an ordinary text '.repeat(40)))],
    ['the beginning of a sealed value, shorter than any key', sealed.slice(0, 28)],
    ['a sealed value behind another sign', `!${sealed}`],
    ['a sealed value before another sign', `${sealed}!`],
    ['text that begins with two blanks', encodeBase64(new Uint8Array(400).fill(0x20))],
    ['what begins with a length that no key has', encodeBase64(sealedValue(129)).slice(0, 160)],
    ['zero bytes', encodeBase64(new Uint8Array(400))],
  ])('says no of %s', (_, text) => expect(looksSealed(text)).toBe('no'));
  it.each([
    ['sealed', encodeBase64(encodeV1({ wrappedKey: new Uint8Array(256), ciphertext: new Uint8Array(1e7) }))],
    ['damaged', `${sealed.slice(0, 200)}${'A'.repeat(1e7 + 1)}`],
    ['no', 'a'.repeat(1e7)],
  ])('says %s of 10 MB too', (looks, text) => expect(looksSealed(text)).toBe(looks));
});

describe('sealedSizes', () => {
  it.each([128, 256, 512])(
    'tells the sizes of the key and of the plaintext with a key of %i bytes',
    (size) => {
      expect(sealedSizes(encodeBase64(sealedValue(size)))).toEqual({ keyBits: 8 * size, valueBytes: 4 });
    },
  );
  it.each([
    ['a value that was cut', sealed.slice(0, 200)],
    ['a value of format v2', sealedV2],
    ['other text', 'hunter2'],
    ['a key of impossible size', encodeBase64(sealedValue(127))],
  ])('tells nothing of %s', (_, text) => expect(sealedSizes(text)).toBeUndefined());
});

describe('valueFactsOf', () => {
  it('names no key of a value of upstream, which is bound to no item and does not expire', () => {
    const facts = { format: 'v1', recipients: [], bindsItem: false, expiresAt: undefined };
    expect(valueFactsOf(sealed)).toEqual(facts);
  });
  it('tells what the header of format v2 says', () => {
    const facts = { format: 'v2', recipients: [`v2:${'0'.repeat(32)}`], bindsItem: false };
    expect(valueFactsOf(sealedV2)).toEqual({ ...facts, expiresAt: undefined });
  });
});
