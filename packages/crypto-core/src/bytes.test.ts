import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../test/support/time/growth.ts';
import { readVector } from '../../../test/vectors/read.ts';
import {
  concatBytes,
  decodeBase64,
  decodeBase64Url,
  decodeUtf8,
  encodeBase64,
  encodeBase64Url,
  encodeUtf8,
} from './bytes.ts';

/**
 * Answers of Go's base64.StdEncoding.DecodeString: the bytes in hex, or N of `illegal base64 data at input
 * byte N`.
 */
const GO_ANSWERS = JSON.parse(readVector('go-base64.json')) as readonly (readonly [
  string,
  string | number,
])[];

function answer(text: string): string | number {
  try {
    return Buffer.from(decodeBase64(text)).toString('hex');
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    expect(code).toBe('ERR_ENVELOPE_MALFORMED');
    return Number(/^illegal base64 data at input byte (\d+)$/.exec(message)?.[1]);
  }
}

describe('decodeBase64', () => {
  it('knows several hundred answers of Go', () => expect(GO_ANSWERS.length).toBeGreaterThan(350));

  it.each(GO_ANSWERS)('answers %j like Go', (text, expected) => expect(answer(text)).toBe(expected));

  it('inverts encodeBase64 for any bytes', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeBase64(encodeBase64(bytes))).toEqual(bytes);
    });
    fc.assert(property);
  });

  it('reads a megabyte, and finds an error at its end, in time that grows with the size', async () => {
    const read = (size: number) => {
      const text = encodeBase64(new Uint8Array(size).fill(7));
      return () => {
        expect(decodeBase64(text).length).toBe(size);
        expect(answer(`${text}!`)).toBe(text.length);
      };
    };
    expect(await growth(read, 1 << 20)).toBeLessThan(LINEAR);
  });
});

describe('decodeBase64Url', () => {
  it('inverts encodeBase64Url, which writes neither padding nor + nor /', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(bytes);
    });
    fc.assert(property);
  });
});

describe('encodeUtf8 and decodeUtf8', () => {
  it('keep a byte order mark', () => expect(decodeUtf8(encodeUtf8('\uFEFFa'))).toBe('\uFEFFa'));
  it('do not normalise', () => expect(encodeUtf8('e\u0301')).not.toEqual(encodeUtf8('\u00e9')));
});

describe('concatBytes', () => {
  it('copies, so that neither side sees later changes of the other', () => {
    const part = new Uint8Array([1, 2]);
    const joined = concatBytes(part, new Uint8Array([3]));
    part.fill(9);
    expect(joined).toEqual(new Uint8Array([1, 2, 3]));
  });
});
