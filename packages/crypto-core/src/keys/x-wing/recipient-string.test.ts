import { bech32m } from '@scure/base';
import { describe, expect, it } from 'vitest';
import { FILE } from '../../../../../test/vectors/v2/vectors.ts';
import { decodeBase64 } from '../../bytes.ts';
import { formatRecipient, parseRecipient } from './recipient-string.ts';

const publicKey = decodeBase64(FILE.keys[0]?.publicKey ?? '');
/** A word of which the checksum fits. */
const wordOf = (prefix: string, ...bytes: number[]) =>
  bech32m.encode(prefix, bech32m.toWords(Uint8Array.from(bytes)), false);

describe('a recipient string', () => {
  it('gives the public key back', () => {
    const text = formatRecipient(publicKey);
    expect(text).toMatch(/^fuin1[02-9ac-hj-np-z]{1954}$/);
    expect(text).toBe(wordOf('fuin', 1, ...publicKey));
    expect(parseRecipient(`  ${text}\n`)).toEqual(publicKey);
    expect(parseRecipient(text.toUpperCase())).toEqual(publicKey);
  });
  it.each([
    ['a changed letter', (text: string) => text.replace(/.$/, (letter) => (letter === 'q' ? 'p' : 'q'))],
    ['a letter less', (text: string) => text.slice(0, -1)],
    ['another prefix, and the checksum of the first', (text: string) => text.replace('fuin1', 'age1')],
    ['another prefix', () => wordOf('age', 1, ...publicKey)],
    ['nothing', () => ''],
  ])('is damaged with %s', (_what, change) => {
    expect(() => parseRecipient(change(formatRecipient(publicKey)))).toThrow(
      expect.objectContaining({
        code: 'ERR_KEY_INVALID',
        message: 'the recipient is damaged: it must be one word that begins with fuin1',
      }),
    );
  });
  it.each([
    ['suite 0', wordOf('fuin', 0, ...publicKey)],
    ['suite 2', wordOf('fuin', 2, ...publicKey)],
    ['a key that is too short', wordOf('fuin', 1, ...publicKey.slice(1))],
    ['a key that is too long', wordOf('fuin', 1, ...publicKey, 0)],
    ['no key', wordOf('fuin', 1)],
  ])('is refused with %s', (_what, text) => {
    expect(() => parseRecipient(text)).toThrow(
      expect.objectContaining({ code: 'ERR_KEY_INVALID', message: 'the recipient is of an unknown kind' }),
    );
  });
});
