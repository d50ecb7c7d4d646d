import { createHash, createPrivateKey, decapsulate, randomBytes } from 'node:crypto';
import { encodeUtf8, encryptionLabel } from '@fuin/crypto-core';
import { type Decapsulate, importRecipient, suiteOf, XWingKeyPair } from '@fuin/crypto-core/v2';
import { describe, expect, it } from 'vitest';
import { expectationOf, FILE, readingWith, vectorKey } from '../../../test/vectors/v2/vectors.ts';
import { type Envelope, parseEnvelope } from '../../crypto-core/src/value/format-table.ts';
import { combine } from './halves.ts';
import { drawCurveHalf, heldDecapsulation, NATIVE_ALGORITHMS, splitDecapsulation } from './index.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type DecapsulatePq = (ciphertext: Bytes) => Promise<Bytes | null>;

const PKCS8_PREFIX = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const suite = suiteOf(NATIVE_ALGORITHMS);
const label = encryptionLabel('strict', 'shop', 'db');
const value = encodeUtf8('hunter2');

/** Both halves of the key of a seed, as draft-connolly-cfrg-xwing-kem §5.2 expands it. */
function halvesOf(seed: string) {
  const expanded = createHash('shake256', { outputLength: 96 }).update(Buffer.from(seed, 'hex')).digest();
  const der = Buffer.concat([PKCS8_PREFIX, expanded.subarray(0, 64)]);
  const pq = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const decapsulatePq: DecapsulatePq = async (ciphertext) => Uint8Array.from(decapsulate(pq, ciphertext));
  return { curveKey: Uint8Array.from(expanded.subarray(64)), decapsulatePq };
}

/** The key of a seed with its halves apart, of which another one may take the place of the ML-KEM half. */
async function splitPair(seed: string, replaced?: DecapsulatePq) {
  const { curveKey, decapsulatePq } = halvesOf(seed);
  const { publicKey } = (await vectorKey(seed)).recipient;
  const opening = splitDecapsulation(curveKey, publicKey, replaced ?? decapsulatePq);
  return XWingKeyPair.heldBy(opening ?? expect.fail('the halves do not belong together'), publicKey, suite);
}

const [{ seed }] = FILE.keys as [(typeof FILE.keys)[number]];
const sealedFor = async (pair: XWingKeyPair): Promise<Envelope> =>
  parseEnvelope(await (await importRecipient(pair.recipient.publicKey)).seal(value, label));

/** The same value with zero for the X25519 point of each of its recipients. */
function withLowOrderPoints(envelope: Envelope): Envelope {
  if (envelope.format !== 'v2' || envelope.recipients.length === 0) return expect.fail();
  const recipients = envelope.recipients.map((entry) => ({
    ...entry,
    encapsulation: entry.encapsulation.slice().fill(0, 1088),
  }));
  return { ...envelope, recipients };
}

describe('a key whose ML-KEM half is elsewhere', () => {
  it.each(FILE.vectors.map((vector) => [vector.id, vector.what, vector] as const))(
    'reads vector %i like the whole key: %s',
    async (_id, _what, vector) =>
      expect(await readingWith(await splitPair(vector.seed), vector)).toEqual(expectationOf(vector)),
  );
  it('opens nothing with a pseudo-random secret, which is what a service gives for a wrong ciphertext', async () => {
    const pair = await splitPair(seed, async () => Uint8Array.from(randomBytes(32)));
    expect(await pair.open(await sealedFor(pair), label, '')).toBeNull();
    expect(await pair.isSound()).toBe(false);
  });
  it.each([0, 31, 33])('opens nothing with a secret of %i bytes', async (length) => {
    const pair = await splitPair(seed, async () => new Uint8Array(length));
    expect(await pair.isSound()).toBe(false);
  });
  it('leaves zeros where the secrets of both halves were', async () => {
    const { decapsulatePq } = halvesOf(seed);
    const left: Bytes[] = [];
    const pair = await splitPair(seed, async (ciphertext) => {
      const secret = (await decapsulatePq(ciphertext)) ?? expect.fail();
      left.push(secret);
      return secret;
    });
    expect(await pair.open(await sealedFor(pair), label, '')).toEqual(value);
    const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
    combine(...secrets, new Uint8Array(32), pair.recipient.publicKey);
    expect([...left, ...secrets]).toEqual(Array(3).fill(new Uint8Array(32)));
  });
  it('passes a fault of the service on, which says nothing of the value', async () => {
    const fault = new Error('down');
    const pair = await splitPair(seed, () => Promise.reject(fault));
    await expect(pair.open(await sealedFor(pair), label, '')).rejects.toBe(fault);
  });
  it('asks nobody about a value of other keys, or with an X25519 point of low order', async () => {
    let calls = 0;
    const pair = await splitPair(seed, async () => {
      calls += 1;
      return new Uint8Array(32);
    });
    expect(await pair.open(withLowOrderPoints(await sealedFor(pair)), label, '')).toBeNull();
    const other = await XWingKeyPair.of(await XWingKeyPair.generate(suite), suite);
    expect(await pair.open(await sealedFor(other), label, '')).toBeNull();
    expect(calls).toBe(0);
  });
  it('refuses an X25519 half of another key or of another length', async () => {
    const { publicKey } = (await vectorKey(seed)).recipient;
    const { decapsulatePq, curveKey } = halvesOf(seed);
    for (const half of [drawCurveHalf().privateKey, curveKey.slice(1), new Uint8Array()])
      expect(splitDecapsulation(half, publicKey, decapsulatePq)).toBeNull();
  });
});

/** The key of a seed as a key service holds it, by Web Crypto. Another secret may be given in its place. */
async function heldPair(ofSeed: string, replaced?: Decapsulate) {
  const { publicKey } = (await vectorKey(ofSeed)).recipient;
  const { kem } = suiteOf();
  const privateKey = await kem.DeserializePrivateKey(Buffer.from(ofSeed, 'hex'), false);
  const key = await kem.DeserializePublicKey(publicKey);
  const decapsulate: Decapsulate = async (encapsulation) =>
    Uint8Array.from(await kem.Decap(encapsulation, privateKey, key));
  return XWingKeyPair.heldBy(heldDecapsulation(replaced ?? decapsulate), publicKey, suite);
}

describe('a key that is elsewhere as a whole', () => {
  it.each(FILE.vectors.map((vector) => [vector.id, vector.what, vector] as const))(
    'reads vector %i like a key that is here: %s',
    async (_id, _what, vector) =>
      expect(await readingWith(await heldPair(vector.seed), vector)).toEqual(expectationOf(vector)),
  );
  it('opens nothing with a pseudo-random secret, which is what a service gives for a wrong ciphertext', async () => {
    const pair = await heldPair(seed, async () => Uint8Array.from(randomBytes(32)));
    expect(await pair.open(await sealedFor(pair), label, '')).toBeNull();
    expect(await pair.isSound()).toBe(false);
  });
  it.each([0, 31, 33])('opens nothing with a secret of %i bytes', async (length) => {
    const pair = await heldPair(seed, async () => new Uint8Array(length));
    expect(await pair.isSound()).toBe(false);
  });
  it('leaves zeros where the secret of the service was', async () => {
    const secret = Uint8Array.from(randomBytes(32));
    const pair = await heldPair(seed, async () => secret);
    await pair.open(await sealedFor(pair), label, '');
    expect(secret).toEqual(new Uint8Array(32));
  });
  it('asks nobody about an X25519 point of low order', async () => {
    let calls = 0;
    const pair = await heldPair(seed, async () => {
      calls += 1;
      return new Uint8Array(32);
    });
    const envelope = await sealedFor(pair);
    expect(await pair.open(withLowOrderPoints(envelope), label, '')).toBeNull();
    expect(calls).toBe(0);
    await pair.open(envelope, label, '');
    expect(calls).toBe(1);
  });
});
