import { describe, expect, it, vi } from 'vitest';
import { vectorKey } from '../../../../../test/vectors/v2/vectors.ts';
import { encodeBase64 } from '../../bytes.ts';
import { XWingKeyPair } from './key-pair.ts';
import { readHeldKey, readSplitKey, readXWingKey, toHeldKey, toSplitKey, toXWingKey } from './key-secret.ts';

const keyOf = (byte: number) => vectorKey(Buffer.alloc(32, byte).toString('hex'));
const [a, b] = await Promise.all([keyOf(1), keyOf(2)]);
const seed = new Uint8Array(32).fill(1);
const data = toXWingKey({ seed, publicKey: a.recipient.publicKey });

describe('a key Secret of type x-wing-key', () => {
  it('gives the key pair back', async () => {
    expect((await readXWingKey(data)).id).toBe(a.id);
  });
  it.each([false, true])('leaves no seed behind, also of a key that is refused: %s', async (isRefused) => {
    const imported = vi.spyOn(XWingKeyPair, 'of');
    try {
      const publicKey = encodeBase64((isRefused ? b : a).recipient.publicKey);
      await readXWingKey({ ...data, 'public-key': publicKey }).catch(() => undefined);
      expect(imported.mock.calls.map(([material]) => material.seed)).toEqual([new Uint8Array(32)]);
    } finally {
      imported.mockRestore();
    }
  });
  it.each([
    ['nothing', {}, 'seed: missing'],
    ['no data', undefined, 'seed: missing'],
    ['a seed that it only inherits', Object.create(data), 'seed: missing'],
    ['no seed', { 'public-key': data['public-key'] }, 'seed: missing'],
    ['no public key', { seed: data.seed }, 'public-key: missing'],
    ['the seed of another key', { ...data, seed: encodeBase64(new Uint8Array(32).fill(2)) }, 'seed'],
    ['the public key of another', { ...data, 'public-key': encodeBase64(b.recipient.publicKey) }, 'seed'],
    ['a short seed', { ...data, seed: encodeBase64(new Uint8Array(31)) }, '32 bytes'],
    ['a short public key', { ...data, 'public-key': 'AAAA' }, '1216 bytes'],
    [
      'a public key of no such kind',
      { ...data, 'public-key': encodeBase64(new Uint8Array(1216).fill(255)) },
      '',
    ],
    ['text that is not base64', { ...data, seed: '***' }, 'seed: not base64'],
    ['a number', { ...data, seed: 7 }, 'seed: missing'],
    ['an RSA key beside it', { ...data, 'tls.key': 'AAAA' }, 'tls.key: a key Secret of this type holds only'],
  ])('is refused with %s, without a word of what it holds', async (_what, bad, says) => {
    const refusal = await readXWingKey(bad).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'ERR_KEY_INVALID' });
    expect(String(refusal)).toContain(says);
    expect(String(refusal)).not.toContain(encodeBase64(seed).slice(0, 8));
  });
});

describe('a key Secret of type split-key', () => {
  const material = { publicKey: a.recipient.publicKey, curveKey: seed, keyService: 'aws-kms:arn' };
  const split = toSplitKey(material);
  const { 'x25519-key': half, ...others } = split;

  it('gives the public key, the half and the name of the key service back', () => {
    expect(readSplitKey(split)).toEqual(material);
  });
  it.each([
    ['nothing', {}, 'public-key: missing'],
    ['no half', others, 'x25519-key: missing'],
    ['no name', { 'public-key': split['public-key'], 'x25519-key': half }, 'key-service: missing'],
    [
      'a short half',
      { ...split, 'x25519-key': encodeBase64(new Uint8Array(31)) },
      'x25519-key: not 32 bytes',
    ],
    ['a short public key', { ...split, 'public-key': 'AAAA' }, '1216 bytes'],
    ['text that is not base64', { ...split, 'x25519-key': '***' }, 'x25519-key: not base64'],
    ['a seed beside it', { ...split, seed: half }, 'seed: a key Secret of this type holds only'],
  ])('is refused with %s, without a word of what it holds', (_what, bad, says) => {
    const refusal = expect(() => readSplitKey(bad));
    refusal.toThrow(
      expect.objectContaining({ code: 'ERR_KEY_INVALID', message: expect.stringContaining(says) }),
    );
    refusal.not.toThrow(half.slice(0, 8));
  });
});

describe('a key Secret of type held-key', () => {
  const held = toHeldKey({ publicKey: a.recipient.publicKey, keyService: 'gcp-kms:projects/p' });

  it('gives the public key and the name of the key service back', () => {
    expect(readHeldKey(held)).toEqual({ publicKey: a.recipient.publicKey, keyService: 'gcp-kms:projects/p' });
  });
  it.each([
    ['nothing', {}, 'public-key: missing'],
    ['no name', { 'public-key': held['public-key'] }, 'key-service: missing'],
    ['a short public key', { ...held, 'public-key': 'AAAA' }, '1216 bytes'],
    ['text that is not base64', { ...held, 'key-service': '***' }, 'key-service: not base64'],
    ['a seed beside it', { ...held, seed: data.seed }, 'seed: a key Secret of this type holds only'],
    ['a half beside it', { ...held, 'x25519-key': data.seed }, 'x25519-key: a key Secret of this type'],
  ])('is refused with %s, without a word of what it holds', (_what, bad, says) => {
    const refusal = expect(() => readHeldKey(bad));
    refusal.toThrow(
      expect.objectContaining({ code: 'ERR_KEY_INVALID', message: expect.stringContaining(says) }),
    );
    refusal.not.toThrow(data.seed.slice(0, 8));
  });
});
