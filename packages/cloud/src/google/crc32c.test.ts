import { describe, expect, it } from 'vitest';
import { crc32c } from './crc32c.ts';

describe('crc32c', () => {
  it.each([
    ['nothing', new Uint8Array(), 0],
    ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes that grow', Uint8Array.from({ length: 32 }, (_, at) => at), 0x46dd794e],
  ])('is that of RFC 3720 for %s', (_what, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
