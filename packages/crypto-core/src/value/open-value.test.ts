import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { watchedKey } from '../../../../test/support/watched-key.ts';
import { readVector } from '../../../../test/vectors/read.ts';
import { type Bytes, concatBytes, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { certifierOf, importKeyPair } from '../keys/key-pair.ts';
import { parsePem } from '../keys/pem.ts';
import { importPrivateKey, importPublicKey, unwrapSessionKey, wrapSessionKey } from '../keys/rsa-oaep.ts';
import { encryptionLabel } from '../secret/scope.ts';
import { encryptValue, nullWhenRefused } from './aes-gcm.ts';
import { encodeV1, parseV1 } from './envelope-v1.ts';
import { parseEnvelope } from './format-table.ts';
import type { Key, KeyPair } from './key.ts';
import { KeyRing } from './key-ring.ts';
import { openEnvelope, openValue } from './open-value.ts';
import { openV1 } from './v1.ts';

const SCOPES = ['cluster-wide', 'namespace-wide', 'strict'] as const;

const label = encryptionLabel('strict', 'blue', 'db');
const noKeyOpens = { code: 'ERR_NO_KEY_OPENS_VALUE', message: 'no key could decrypt secret' };
let a: KeyPair;
let b: KeyPair;
let sealed: Bytes;
let spki: Bytes;
beforeAll(async () => {
  a = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'), { copies: 2 });
  b = await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem'), { copies: 2 });
  ({ spki } = await certifierOf(await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'))));
  sealed = await a.seal(encodeUtf8('s3cret'), label);
});

function flipped(bytes: Bytes, index: number, mask: number): Bytes {
  const copy = concatBytes(bytes);
  copy[index] = (copy[index] ?? 0) ^ mask;
  return copy;
}

describe('seal and openValue', () => {
  it('give back any bytes under any scope, from none to a megabyte', async () => {
    const ring = KeyRing.of(b, a);
    const size = fc.oneof(fc.constantFrom(0, 1, 15, 16, 17, 1 << 20), fc.nat(1 << 20), fc.nat(300));
    const name = fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .filter((text) => !text.includes('/'));
    const property = fc.asyncProperty(
      size,
      fc.constantFrom(...SCOPES),
      name,
      name,
      async (length, ...place) => {
        const value = new Uint8Array(length);
        for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(value.subarray(at, at + 65_536));
        const underLabel = encryptionLabel(...place);
        const bytes = await a.seal(value, underLabel);
        expect(bytes.length).toBe(2 + 256 + length + 16);
        const opened = await openValue(bytes, ring, underLabel);
        expect(Buffer.compare(opened, value)).toBe(0);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });
  it('give back binary values', async () => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (value) => {
      const bytes = await a.seal(value, label);
      expect(await openValue(bytes, KeyRing.of(a), label)).toEqual(value);
    });
    await fc.assert(property, { numRuns: 50 });
  });
});

describe('seal', () => {
  it('never gives the same bytes twice, nor the same session key', async () => {
    const again = await a.seal(encodeUtf8('s3cret'), label);
    const [one, other] = [parseV1(sealed), parseV1(again)];
    expect(one.wrappedKey).not.toEqual(other.wrappedKey);
    expect(one.ciphertext).not.toEqual(other.ciphertext);
  });
  it('leaves the plaintext as it was', async () => {
    const value = encodeUtf8('s3cret');
    await a.seal(value, label);
    expect(value).toEqual(encodeUtf8('s3cret'));
  });
  it('refuses a public key that cannot encrypt', async () => {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const verifier = await crypto.subtle.importKey('spki', spki, algorithm, true, ['verify']);
    await expect(wrapSessionKey(new Uint8Array(32), verifier, label)).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      cause: expect.objectContaining({ name: 'InvalidAccessError' }),
    });
  });
});

describe('openValue', () => {
  it('refuses every single flipped byte of an envelope', async () => {
    const ring = KeyRing.of(a);
    const survivors = await Promise.all(
      [...sealed.keys()].map((index) =>
        openValue(flipped(sealed, index, 0xff), ring, label).then(() => index, code),
      ),
    );
    expect(survivors).toHaveLength(2 + 256 + 6 + 16);
    expect(new Set(survivors.slice(2))).toEqual(new Set(['ERR_NO_KEY_OPENS_VALUE']));
    expect(survivors.slice(0, 2)).toEqual(['ERR_ENVELOPE_MALFORMED', 'ERR_ENVELOPE_MALFORMED']);
  });
  it('refuses every single flipped bit of the length, both ends of the wrapped key, the ciphertext and the tag', async () => {
    const sample = [0, 1, 2, 3, 130, 256, 257, ...Array.from({ length: 22 }, (_, index) => 258 + index)];
    const flips = sample.flatMap((index) =>
      [1, 2, 4, 8, 16, 32, 64, 128].map((mask) => [index, mask] as const),
    );
    const ring = KeyRing.of(a);
    const opened = await Promise.all(
      flips.map(([index, mask]) =>
        openValue(flipped(sealed, index, mask), ring, label).then(() => 'opened', code),
      ),
    );
    expect(opened).toHaveLength(29 * 8);
    expect(opened).not.toContain('opened');
  });
  it('refuses every truncation and one byte more', async () => {
    const ring = KeyRing.of(a);
    const cut = Array.from({ length: sealed.length }, (_, length) => sealed.subarray(0, length));
    const codes = await Promise.all(
      [...cut, concatBytes(sealed, new Uint8Array(1))].map((bytes) =>
        openValue(bytes, ring, label).then(() => '', code),
      ),
    );
    expect(new Set(codes)).toEqual(new Set(['ERR_ENVELOPE_MALFORMED', 'ERR_NO_KEY_OPENS_VALUE']));
  });
  it.each([
    ['another namespace', 'strict', 'green', 'db'],
    ['another name', 'strict', 'blue', 'db2'],
    ['namespace-wide', 'namespace-wide', 'blue', 'db'],
    ['cluster-wide', 'cluster-wide', 'blue', 'db'],
  ] as const)('refuses a strict value moved to %s', async (_, scope, namespace, name) => {
    await expect(
      openValue(sealed, KeyRing.of(a), encryptionLabel(scope, namespace, name)),
    ).rejects.toMatchObject(noKeyOpens);
  });
  it('says exactly the same for a wrong key, a wrong label, a broken wrapped key and a broken value', async () => {
    const openings = [
      openValue(sealed, KeyRing.of(b), label),
      openValue(sealed, KeyRing.of(a), encodeUtf8('x')),
      openValue(flipped(sealed, 2, 1), KeyRing.of(a), label),
      openValue(flipped(sealed, 100, 1), KeyRing.of(a), label),
      openValue(flipped(sealed, sealed.length - 1, 1), KeyRing.of(a), label),
      openValue(sealed, KeyRing.of(), label),
    ];
    const outcomes = await Promise.all(openings.map((opening) => opening.catch((error: unknown) => error)));
    for (const outcome of outcomes) expect({ ...(outcome as Error) }).toEqual({ ...(outcomes[0] as Error) });
    expect(new Set(outcomes.map(String))).toEqual(
      new Set(['SealedSecretsError: no key could decrypt secret']),
    );
    expect(outcomes.every((outcome) => (outcome as Error).cause === undefined)).toBe(true);
  });
  it.each([0, 16, 24, 31, 33])('refuses a session key of %i bytes', async (length) => {
    const wrappedKey = await wrapSessionKey(new Uint8Array(length), await importPublicKey(spki), label);
    const aesLength = [16, 24].includes(length) ? length : 32;
    const ciphertext = await encryptValue(encodeUtf8('x'), new Uint8Array(aesLength));
    const bytes = encodeV1({ wrappedKey, ciphertext });
    await expect(openValue(bytes, KeyRing.of(a), label)).rejects.toMatchObject(noKeyOpens);
  });
  it('lets a fault of the runtime through instead of calling it a wrong key', async () => {
    const publicKey = await importPublicKey(spki); // which cannot decrypt
    const broken: Key = {
      ...watchedKey(a, () => undefined),
      open: (envelope) =>
        openV1(envelope, (wrapped) => nullWhenRefused(unwrapSessionKey(wrapped, publicKey, label))),
    };
    await expect(openValue(sealed, KeyRing.of(broken), label)).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidAccessError' }),
    );
  });
});

describe('a key that fails', () => {
  const failing = (fault: unknown): Key => ({
    ...watchedKey(a, () => undefined),
    open: () => Promise.reject(fault),
  });
  it.each(['ERR_NO_KEY_OPENS_VALUE', 'ERR_ENVELOPE_MALFORMED'] as const)(
    'with %s is named, since the fault is not of the value',
    async (code) => {
      const cause = new SealedSecretsError(code, 'of the key itself');
      await expect(openValue(sealed, KeyRing.of(failing(cause)), label)).rejects.toMatchObject({
        code: 'ERR_KEY_INVALID',
        message: `the sealing key ${a.id} cannot be used`,
        cause,
      });
    },
  );
  it('with another fault passes it on, so that it is retried', async () => {
    const fault = new SealedSecretsError('ERR_API_UNAVAILABLE', 'the key service does not answer');
    await expect(openValue(sealed, KeyRing.of(failing(fault), b), label)).rejects.toBe(fault);
  });
});

describe('session keys', () => {
  it('are zero once sealing and opening are done', async () => {
    const importKey = vi.spyOn(crypto.subtle, 'importKey');
    try {
      const bytes = await a.seal(encodeUtf8('x'), label);
      await openValue(bytes, KeyRing.of(a), label);
      await openValue(flipped(bytes, bytes.length - 1, 1), KeyRing.of(a), label).catch(() => undefined);
      const sessionKeys = importKey.mock.calls.map((call) => call[1]);
      expect(sessionKeys).toEqual(Array(3).fill(new Uint8Array(32)));
    } finally {
      importKey.mockRestore();
    }
  });
});

describe('a wrapped session key', () => {
  it('has 32 bytes, different ones each time', async () => {
    const [block] = parsePem(readVector('keys/rsa2048-a.pkcs8.pem'));
    const privateKey = await importPrivateKey(block?.bytes ?? new Uint8Array());
    const key = await unwrapSessionKey(parseV1(sealed).wrappedKey, privateKey, label);
    expect(key).toHaveLength(32);
    expect(new Set(key).size).toBeGreaterThan(8);
  });
});

describe('openEnvelope', () => {
  const place = { label, item: '' };
  it('says which key opened the value and tries that key first from then on', async () => {
    const ring = KeyRing.of(b, a);
    expect((await openEnvelope(parseEnvelope(sealed), ring, place)).keyId).toBe(a.id);
    expect(ring.candidates(parseEnvelope(sealed))[0]).toBe(a);
  });
  it('spends one RSA operation when the hint is right', async () => {
    let used = 0;
    const counted = watchedKey(b, () => {
      used += 1;
    });
    await openEnvelope(parseEnvelope(sealed), KeyRing.of(counted, a), place, [a.id]);
    expect(used).toBe(0);
    await openEnvelope(parseEnvelope(sealed), KeyRing.of(counted, a), place, ['SHA256:unknown']);
    expect(used).toBe(1);
  });
});

function code(error: unknown): string {
  return (error as { code: string }).code;
}
