import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { encodeUtf8 } from '../bytes.ts';
import { parseEnvelope } from '../value/format-table.ts';
import type { KeyPair } from '../value/key.ts';
import { DER, readDer, readDerSequence, writeDer } from './der.ts';
import { certifierOf, exportPrivateKey, generateKeyPair, importKeyPair, isSoundKeyPair } from './key-pair.ts';
import { formatPem, parsePem } from './pem.ts';
import { importPublicKey } from './rsa-oaep.ts';

const pkcs1 = readVector('keys/rsa2048-a.pkcs1.pem');
const pkcs8 = readVector('keys/rsa2048-a.pkcs8.pem');
const elliptic = readVector('keys/ec-p256.pkcs8.pem');
const truncated = formatPem(
  'RSA PRIVATE KEY',
  parsePem(pkcs1)[0]?.bytes.subarray(0, 900) ?? new Uint8Array(),
);

/** Of some lengths of a wrapped key those that the key pair may open. */
function sizesThatMayOpen(keyPair: KeyPair): number[] {
  return [128, 255, 256, 257, 512].filter((length) =>
    keyPair.mayOpen({ format: 'v1', wrappedKey: new Uint8Array(length), ciphertext: new Uint8Array(16) }),
  );
}

describe('importKeyPair', () => {
  it('reads PKCS#1 and PKCS#8 of one key as the same key', async () => {
    const [one, eight] = await Promise.all([importKeyPair(pkcs1), importKeyPair(pkcs8)]);
    expect(one.id).toBe(eight.id);
    expect(exportPrivateKey(one, 'pkcs8')).toBe(exportPrivateKey(eight, 'pkcs8'));
    expect(sizesThatMayOpen(one)).toEqual([256]);
  });
  it('counts the bytes of a modulus with an odd number of bits like OAEP', async () => {
    expect(sizesThatMayOpen(await importKeyPair(readVector('keys/rsa2047.pkcs8.pem')))).toEqual([256]);
  });
  it.each([
    ['an elliptic-curve key', elliptic],
    ['an encrypted key', readVector('keys/rsa2048-a.encrypted-pkcs1.pem')],
    ['a truncated key', truncated],
  ])('skips %s before the RSA key', async (_, other) => {
    const { id } = await importKeyPair(other + pkcs1);
    expect(id).toBe((await importKeyPair(pkcs1)).id);
  });
  it.each([
    ['an empty string', ''],
    ['a certificate', readVector('x509/rsa-a.crt')],
    ['an elliptic-curve key in PKCS#8', elliptic],
    ['an elliptic-curve key in SEC 1', readVector('keys/ec-p256.sec1.pem')],
    ['a key for PSS signatures only', readVector('keys/rsa-pss.pkcs8.pem')],
    ['an encrypted key in PKCS#8', readVector('keys/rsa2048-a.encrypted-pkcs8.pem')],
    ['an encrypted key in PKCS#1', readVector('keys/rsa2048-a.encrypted-pkcs1.pem')],
    ['a key of 512 bits', readVector('keys/rsa512.pkcs8.pem')],
    ['a truncated key', truncated],
    ['PKCS#8 bytes that claim to be PKCS#1', pkcs8.replaceAll('PRIVATE', 'RSA PRIVATE')],
    ['PKCS#1 bytes that claim to be PKCS#8', pkcs1.replaceAll('RSA PRIVATE', 'PRIVATE')],
    ['an empty block', formatPem('PRIVATE KEY', new Uint8Array())],
    ['garbage', formatPem('RSA PRIVATE KEY', new Uint8Array(600).fill(0x30))],
    [
      'a length of 4 GiB',
      formatPem('PRIVATE KEY', new Uint8Array([0x30, 0x84, 255, 255, 255, 255, 2, 1, 0])),
    ],
  ])('refuses %s', async (_, pem) => {
    await expect(importKeyPair(pem)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
  it.each(['', readVector('x509/rsa-a.crt'), readVector('keys/ec-p256.sec1.pem')])(
    'says that there is no key where no block is one: %#',
    async (pem) => {
      await expect(importKeyPair(pem)).rejects.toThrow('no RSA private key in the PEM text');
    },
  );
  it('shows nothing of the key in its message', async () => {
    const error = await importKeyPair(truncated).catch((reason: unknown) => reason);
    expect(String(error)).toBe('SealedSecretsError: not a usable RSA private key');
  });
});

/** The copies of the private key that `count` openings use, in this order. */
async function copiesUsed(keyPair: KeyPair, count: number): Promise<CryptoKey[]> {
  const label = new Uint8Array();
  const envelope = parseEnvelope(await keyPair.seal(new Uint8Array(), label));
  const decrypt = vi.spyOn(crypto.subtle, 'decrypt');
  try {
    for (let opening = 0; opening < count; opening++) await keyPair.open(envelope, label, '');
    const keys = decrypt.mock.calls.map(([, key]) => key);
    return keys.filter(({ algorithm }) => algorithm.name === 'RSA-OAEP');
  } finally {
    decrypt.mockRestore();
  }
}

describe('RsaKeyPair', () => {
  it('uses its copies in turn', async () => {
    const six = await copiesUsed(await importKeyPair(pkcs1, { copies: 3 }), 6);
    expect(six).toHaveLength(6);
    expect(new Set(six).size).toBe(3);
    expect(six.slice(0, 3)).toEqual(six.slice(3));
    expect(new Set(six.slice(0, 3)).size).toBe(3);
  });
  it('has one copy by default', async () => {
    const two = await copiesUsed(await importKeyPair(pkcs1, { copies: 0 }), 2);
    expect(two).toHaveLength(2);
    expect(two[0]).toBe(two[1]);
  });
  it('lets nobody export the key that opens', async () => {
    const [key] = await copiesUsed(await importKeyPair(pkcs1), 1);
    expect(key?.extractable).toBe(false);
    expect(key?.usages).toEqual(['decrypt']);
    await expect(crypto.subtle.exportKey('pkcs8', key as CryptoKey)).rejects.toThrow();
  });
  it('keeps the private key out of prints, JSON, copies and properties', async () => {
    const keyPair = await importKeyPair(pkcs1);
    expect(Object.keys(keyPair)).toEqual(['id', 'format']);
    expect(JSON.stringify(keyPair)).toBe(JSON.stringify({ id: keyPair.id, format: 'v1' }));
    const printed = inspect(keyPair, { depth: 9, showHidden: true, breakLength: Number.POSITIVE_INFINITY });
    expect(printed).toBe(`RsaKeyPair { id: '${keyPair.id}', format: 'v1' }`);
    expect({ ...structuredClone(keyPair) }).toEqual({ id: keyPair.id, format: 'v1' });
  });
  it('seals what it opens, and answers null for another label, another key and a damaged value', async () => {
    const [keyPair, other] = [
      await importKeyPair(pkcs1),
      await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem')),
    ];
    const [label, value] = [encodeUtf8('blue/db'), encodeUtf8('s3cret')];
    const sealed = await keyPair.seal(value, label);
    expect(await keyPair.open(parseEnvelope(sealed), label)).toEqual(value);
    expect(await keyPair.open(parseEnvelope(sealed), encodeUtf8('green/db'))).toBeNull();
    expect(await other.open(parseEnvelope(sealed), label)).toBeNull();
    const last = sealed.length - 1;
    const damaged = sealed.with(last, (sealed[last] ?? 0) ^ 1);
    expect(await keyPair.open(parseEnvelope(damaged), label)).toBeNull();
  });
});

describe('exportPrivateKey', () => {
  it('gives back the very PKCS#1 text that openssl wrote, by default', async () => {
    expect(exportPrivateKey(await importKeyPair(pkcs8))).toBe(pkcs1);
  });
  it('gives back the very PKCS#8 text that openssl wrote', async () => {
    expect(exportPrivateKey(await importKeyPair(pkcs1), 'pkcs8')).toBe(pkcs8);
  });
});

describe('generateKeyPair', () => {
  it('makes keys of the requested size that survive export and import', async () => {
    const made = await generateKeyPair(2048, { copies: 2 });
    expect(sizesThatMayOpen(made)).toEqual([256]);
    const { spki } = await certifierOf(made);
    expect((await importPublicKey(spki)).algorithm).toMatchObject({
      publicExponent: new Uint8Array([1, 0, 1]),
    });
    expect((await importKeyPair(exportPrivateKey(made))).id).toBe(made.id);
  });
  it.each([0, 512, 2047, 2049, 8200, Number.NaN])('refuses %d bits', async (bits) => {
    await expect(generateKeyPair(bits)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
});

describe('importPublicKey', () => {
  it('refuses what is not an RSA key', async () => {
    await expect(importPublicKey(new Uint8Array([0x30, 0]))).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
    });
  });
});

describe('a public key that hides nothing or cannot be opened', () => {
  const integer = (value: bigint) => {
    const digits = value.toString(16);
    return writeDer(
      DER.integer,
      new Uint8Array(Buffer.from(digits.length % 2 ? `0${digits}` : `00${digits}`, 'hex')),
    );
  };
  const [, n = 0n] = readDerSequence(readDer(parsePem(pkcs1)[0]?.bytes ?? new Uint8Array()).content).map(
    ({ content }) => BigInt(`0x${Buffer.from(content).toString('hex')}`),
  );
  const algorithm = new Uint8Array(Buffer.from('300d06092a864886f70d0101010500', 'hex'));
  const spkiOf = (modulus: bigint, exponent: bigint) => {
    const key = writeDer(DER.sequence, integer(modulus), integer(exponent));
    return writeDer(DER.sequence, algorithm, writeDer(0x03, new Uint8Array(1), key));
  };
  it.each([
    ['exponent 0', n, 0n],
    ['exponent 1', n, 1n],
    ['exponent 2', n, 2n],
    ['an even exponent', n, 65_536n],
    ['exponent 2^31 + 1', n, 2n ** 31n + 1n],
    ['an exponent as long as the modulus', n, n - 2n],
    ['an even modulus', n + 1n, 65_537n],
  ])('is refused: %s', async (_, modulus, exponent) => {
    await expect(importPublicKey(spkiOf(modulus, exponent))).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
    });
  });
  it.each([3n, 17n, 65_537n, 2n ** 31n - 1n])('is not one with exponent %d', async (exponent) => {
    expect((await importPublicKey(spkiOf(n, exponent))).type).toBe('public');
  });
  it('is refused in a private key too', async () => {
    const numbers = readDerSequence(readDer(parsePem(pkcs1)[0]?.bytes ?? new Uint8Array()).content).map(
      ({ encoded }, index) => (index === 2 || index === 3 ? integer(1n) : encoded),
    );
    const pem = formatPem('RSA PRIVATE KEY', writeDer(DER.sequence, ...numbers));
    await expect(importKeyPair(pem)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
});

describe('isSoundKeyPair', () => {
  it('is true of keys that openssl made', async () => {
    for (const file of ['rsa2048-a.pkcs1.pem', 'rsa2048-b.pkcs8.pem']) {
      expect(await isSoundKeyPair(await importKeyPair(readVector(`keys/${file}`)))).toBe(true);
    }
  });
  it.each([3, 4, 5, 6, 7, 8])('is false when number %i of the private key is damaged', async (part) => {
    const [block] = parsePem(readVector('keys/rsa2048-a.pkcs1.pem'));
    const numbers = readDerSequence(readDer(block?.bytes ?? new Uint8Array()).content).map(
      ({ encoded }, index) => {
        const copy = encoded.slice();
        if (index === part) copy[copy.length - 3] = (copy[copy.length - 3] ?? 0) ^ 4;
        return copy;
      },
    );
    const pem = formatPem('RSA PRIVATE KEY', writeDer(DER.sequence, ...numbers));
    expect(await isSoundKeyPair(await importKeyPair(pem))).toBe(false);
  });
  it('is false of a key that the runtime cannot use, whatever its fault is', async () => {
    const keyPair = await importKeyPair(pkcs1);
    const decrypt = vi.spyOn(crypto.subtle, 'decrypt').mockRejectedValue(new TypeError('a fault'));
    try {
      expect(await isSoundKeyPair(keyPair)).toBe(false);
    } finally {
      decrypt.mockRestore();
    }
  });
  it('is false of a key of three primes that is written as one of two, although its numbers fit', async () => {
    const threePrimes = await importKeyPair(readVector('keys/rsa2048-three-primes.pem'));
    expect(await isSoundKeyPair(threePrimes)).toBe(false);
  });
});
