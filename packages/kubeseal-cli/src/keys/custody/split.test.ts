import { generateHybridIdentity, generateX25519Identity } from 'age-encryption';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatShare, parseShare, type Share } from './share.ts';
import { joinShares, splitIdentity } from './split.ts';

const given = (shares: readonly (Share | undefined)[]) =>
  shares.flatMap((share) => (share ? [{ share, where: `share-${share.index}.txt` }] : []));
const invalid = (message: string) => expect.objectContaining({ code: 'ERR_KEY_INVALID', message });
const identity = await generateX25519Identity();
const shares = await splitIdentity(identity, { threshold: 2, total: 3 });
const [first, second, third] = shares;

describe('shares of an identity', () => {
  it.each([
    ['an identity', generateX25519Identity],
    ['a post-quantum identity', generateHybridIdentity],
  ])('give %s back, any of them, as text', async (_, generate) => {
    const secret = await generate();
    const lines = (await splitIdentity(secret, { threshold: 3, total: 5 })).map(formatShare);
    const read = lines.map((line) => parseShare(line, 'a file'));
    for (const some of [
      [0, 1, 2],
      [4, 2, 0],
      [0, 1, 2, 3, 4],
    ])
      expect(await joinShares(given(some.map((at) => read[at])))).toBe(secret);
  });
  it('are one line that a person can copy, and that says which split it is of', () => {
    const line = formatShare(shares[0] as Share);
    expect(line).toMatch(/^kubeseal-share-1[a-z0-9]{93}$/);
    expect(parseShare(line.toUpperCase(), 'a file')).toEqual(shares[0]);
  });
  it('tell nothing below the threshold: each share is as likely for any other identity', async () => {
    // to one share every secret fits: so the bytes of one share, over many splits of one secret, are evenly
    // spread
    const counts = new Uint32Array(256);
    for (let at = 0; at < 400; at++)
      for (const byte of (await splitIdentity(identity, { threshold: 2, total: 2 }))[0]?.value.subarray(
        0,
        32,
      ) ?? [])
        counts[byte] = (counts[byte] ?? 0) + 1;
    const mean = (400 * 32) / 256;
    const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
    expect(chiSquare).toBeLessThan(400); // 255 on average; above 400 once in 10^7 runs
  });
  it.each([
    ['too few', [first], '2 of the 3 shares are needed, and 1 is there'],
    ['one twice', [first, first], 'share 1 is there twice, in share-1.txt and share-1.txt'],
  ])('refuses %s', async (_, some, message) => {
    await expect(joinShares(given(some))).rejects.toEqual(invalid(message));
  });
  it('refuses shares of another split of the same identity', async () => {
    const [, other] = await splitIdentity(identity, { threshold: 2, total: 3 });
    await expect(joinShares(given([first, other]))).rejects.toEqual(
      invalid('share-1.txt and share-2.txt hold shares of different splits'),
    );
  });
  it('refuses a share that was changed and has a new checksum', async () => {
    // not the first and the last byte of the secret: X25519 ignores bits of both, and the key may be the same
    for (const at of [1, 30, 32]) {
      const value = (second as Share).value.map((byte, index) => (index === at ? byte ^ 1 : byte));
      const forged = { ...(second as Share), value: new Uint8Array(value) };
      await expect(joinShares(given([first, forged]))).rejects.toEqual(
        invalid('the shares do not give the key that was split'),
      );
      await expect(joinShares(given([first, forged, third]))).rejects.toEqual(
        invalid('the shares do not give the key that was split'),
      );
    }
  });
  it('refuses two shares that claim the same place', async () => {
    const forged = { ...(second as Share), value: (first as Share).value };
    await expect(joinShares(given([first, forged]))).rejects.toEqual(
      invalid('the shares do not give the key that was split'),
    );
  });
  it('refuses every share with a wrong letter, and never quotes it', () => {
    const line = formatShare(first as Share);
    const property = fc.property(
      fc.integer({ min: 'kubeseal-share-1'.length, max: line.length - 1 }),
      fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l'),
      (at, letter) => {
        fc.pre(line[at] !== letter);
        const wrong = line.slice(0, at) + letter + line.slice(at + 1);
        expect(() => parseShare(wrong, 'share.txt')).toThrow(
          invalid('cannot read the share in share.txt: it is damaged: its checksum is another one'),
        );
      },
    );
    fc.assert(property);
  });
  it.each([
    ['a version of the future', [9, 0, 2, 3, 1], 54, 'it was written by a newer version of kubeseal'],
    ['a kind of the future', [1, 7, 2, 3, 1], 54, 'it was written by a newer version of kubeseal'],
    ['a threshold of 1', [1, 0, 1, 3, 1], 54, 'it is no share'],
    ['an index that is too high', [1, 0, 2, 3, 4], 54, 'it is no share'],
    ['a value that is too short', [1, 0, 2, 3, 1], 53, 'it is no share'],
    ['a value that is too long', [1, 0, 2, 3, 1], 55, 'it is no share'],
  ])('refuses %s although its checksum is right', async (_, head, length, reason) => {
    const { bech32m } = await import('@scure/base');
    const bytes = Uint8Array.from({ length }, (_byte, at) => head[at] ?? 0);
    const line = bech32m.encode('kubeseal-share-', bech32m.toWords(bytes), false);
    expect(() => parseShare(line, 'f')).toThrow(invalid(`cannot read the share in f: ${reason}`));
  });
  it.each([
    [
      'a plugin',
      'AGE-PLUGIN-YUBIKEY-1QQQQ',
      'only identities that age-keygen makes can be split, not those of plugins',
    ],
    [
      'a damaged one',
      `${identity.slice(0, -1)}${identity.endsWith('Q') ? 'P' : 'Q'}`,
      'the identity is damaged',
    ],
  ])('are not made of an identity of %s', async (_, text, message) => {
    await expect(splitIdentity(text, { threshold: 2, total: 3 })).rejects.toEqual(invalid(message));
  });
});
