import { describe, expect, it } from 'vitest';
import { type Bytes, encodeUtf8 } from '../bytes.ts';
import { encryptionLabel } from '../secret/scope.ts';
import { parseV2 } from './envelope-v2.ts';
import { openV2, sealV2, type ValueAlgorithms, WEB_CRYPTO, type WrapperV2 } from './v2.ts';

const label = encryptionLabel('strict', 'shop', 'db');
const value = encodeUtf8('hunter2');

/** Recipients that note the data key, as it is when they get it and as it is left. */
function watchedRecipients(count: number) {
  const noted: Bytes[] = [];
  const left: Bytes[] = [];
  const wrappers = Array.from(
    { length: count },
    (_, at): WrapperV2 => ({
      keyId: new Uint8Array(16).fill(at),
      wrap: async (dataKey) => {
        noted.push(dataKey.slice());
        left.push(dataKey);
        return { encapsulation: new Uint8Array(1120), wrappedKey: new Uint8Array(48) };
      },
    }),
  );
  return { noted, left, wrappers };
}

/** Web Crypto, which notes the payloads and content keys that it gets, as they are left. */
function watchedAlgorithms() {
  const left: Bytes[] = [];
  const algorithms: ValueAlgorithms = {
    ...WEB_CRYPTO,
    encrypt: async (plaintext, key) => {
      const ciphertext = await WEB_CRYPTO.encrypt(plaintext, key);
      left.push(plaintext, key);
      return ciphertext;
    },
    decrypt: async (ciphertext, key) => {
      const plaintext = await WEB_CRYPTO.decrypt(ciphertext, key);
      left.push(key, ...(plaintext ? [plaintext] : []));
      return plaintext;
    },
  };
  return { left, algorithms };
}

const isZero = (bytes: Bytes) => bytes.every((byte) => byte === 0);

describe('the data key of a value', () => {
  it('is drawn for each value, and is the same for all of its recipients', async () => {
    const { noted, wrappers } = watchedRecipients(2);
    for (const _time of [1, 2]) await sealV2(value, label, { suite: 1, wrappers });
    const [first, second, ...others] = noted.map((key) => Buffer.from(key).toString('hex'));
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(new Set([first, ...others]).size).toBe(2);
    expect(noted.some(isZero)).toBe(false);
  });
  it('is zero once the value is sealed, and so are the payload and its key', async () => {
    const { left, wrappers } = watchedRecipients(2);
    const watched = watchedAlgorithms();
    await sealV2(value, label, { suite: 1, wrappers, algorithms: watched.algorithms });
    expect([...left, ...watched.left].map(isZero)).toEqual([true, true, true, true]);
  });
  it('is zero after a recipient that fails', async () => {
    const { left, wrappers } = watchedRecipients(1);
    const failing: WrapperV2 = {
      keyId: new Uint8Array(16).fill(1),
      wrap: () => Promise.reject(new Error('broken')),
    };
    const sealing = sealV2(value, label, { suite: 1, wrappers: [...wrappers, failing] });
    await expect(sealing).rejects.toThrow('broken');
    expect(left.map(isZero)).toEqual([true]);
  });
  it('is zero once the value is opened, and so are the payload and its key', async () => {
    const { noted, wrappers } = watchedRecipients(1);
    const envelope = parseV2(await sealV2(value, label, { suite: 1, wrappers }));
    const [dataKey = new Uint8Array()] = noted;
    const watched = watchedAlgorithms();
    const opened = await openV2(envelope, { label, item: '' }, async () => dataKey, watched.algorithms);
    expect(opened).toEqual(value);
    expect([dataKey, ...watched.left].map(isZero)).toEqual([true, true, true]);
  });
  it.each([0, 16, 31, 33])('does not count with %i bytes', async (length) => {
    const { wrappers } = watchedRecipients(1);
    const fixed: ValueAlgorithms = { ...WEB_CRYPTO, hkdf: async () => new Uint8Array(64) };
    const sealed = await sealV2(value, label, { suite: 1, wrappers, algorithms: fixed });
    const open = (bytes: number) =>
      openV2(parseV2(sealed), { label, item: '' }, async () => new Uint8Array(bytes), fixed);
    expect(await open(32)).toEqual(value);
    expect(await open(length)).toBeNull();
  });
});

describe('a value of format v2', () => {
  it('has 16 recipients at most', async () => {
    const sealing = (count: number) => sealV2(value, label, { suite: 1, ...watchedRecipients(count) });
    expect(parseV2(await sealing(16)).recipients).toHaveLength(16);
    await expect(sealing(17)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
  it('is bound to no more than 65,535 bytes, which HPKE takes', async () => {
    const { noted, wrappers } = watchedRecipients(1);
    const rest = 20 + 14 + 16 + (1 + 3 * 4) + 'shopdb'.length;
    const [longest, longer] = ['i'.repeat(65_535 - rest), 'i'.repeat(65_536 - rest)];
    const envelope = parseV2(await sealV2(value, label, { suite: 1, wrappers }, { item: longest }));
    const open = (item: string) =>
      openV2(envelope, { label, item }, async () => noted[0]?.slice() ?? expect.fail());
    expect(await open(longest)).toEqual(value);
    expect(await open(longer)).toBeNull();
    await expect(sealV2(value, label, { suite: 1, wrappers }, { item: longer })).rejects.toMatchObject({
      code: 'ERR_USAGE',
    });
  });
  it('stays closed if its commitment cannot be computed whole', async () => {
    const { noted, wrappers } = watchedRecipients(1);
    const envelope = parseV2(await sealV2(value, label, { suite: 1, wrappers }));
    const short: ValueAlgorithms = {
      ...WEB_CRYPTO,
      hkdf: async (...given) => (await WEB_CRYPTO.hkdf(...given)).slice(0, 32),
    };
    const open = (algorithms: ValueAlgorithms) =>
      openV2(envelope, { label, item: '' }, async () => noted[0]?.slice() ?? expect.fail(), algorithms);
    expect(await open(WEB_CRYPTO)).toEqual(value);
    expect(await open(short)).toBeNull();
  });
  it.each([
    ['is too short: 2 bytes', Uint8Array.of(0, 0)],
    ['is too short: 13 bytes', new Uint8Array(13)],
    ['of the unknown version 3', Uint8Array.of(0, 0, 3, ...new Uint8Array(11))],
  ])('is refused: %s', (says, bytes) => {
    expect(() => parseV2(bytes)).toThrow(
      expect.objectContaining({ code: 'ERR_ENVELOPE_MALFORMED', message: `sealed value ${says}` }),
    );
  });
  it('expires at the first second of 1970 or later, up to the latest time there is', async () => {
    const { wrappers } = watchedRecipients(1);
    for (const timeMs of [1_000, 8.64e15]) {
      const expiresAt = new Date(timeMs);
      const sealed = await sealV2(value, label, { suite: 1, wrappers }, { expiresAt });
      expect(parseV2(sealed).expiresAt).toEqual(expiresAt);
    }
  });
});
