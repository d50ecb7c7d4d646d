import {
  exportPrivateKey,
  formatPem,
  generateKeyPair,
  importKeyPair,
  parsePem,
  type RsaKeyPair,
} from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readDer, readDerSequence, writeDer } from '../../packages/crypto-core/src/keys/der.ts';
import { readVector } from '../vectors/read.ts';
import { certificateOf, DAY_MS, keySecret, registryWithLog } from './key-registry.ts';

const SEQUENCE = 0x30;
let good: RsaKeyPair;
let other: RsaKeyPair;

beforeAll(async () => {
  [good, other] = await Promise.all([generateKeyPair(2048), generateKeyPair(2048)]);
});

/**
 * The private key with one bit flipped in one number (3 is the private exponent, 4 and 5 the primes). Modulus
 * and public exponent stay.
 */
function damaged(pem: string, part: number): string {
  const [block] = parsePem(pem);
  if (!block) throw new Error('not PEM');
  const numbers = readDerSequence(readDer(block.bytes).content).map(({ encoded }, index) => {
    const copy = encoded.slice();
    if (index === part) copy[copy.length - 3] = (copy[copy.length - 3] ?? 0) ^ 4;
    return copy;
  });
  return formatPem('RSA PRIVATE KEY', writeDer(SEQUENCE, ...numbers));
}

describe('a poison key Secret hurts only itself', () => {
  it.each([4, 5, 6, 7, 8])(
    'when number %i of the private key is damaged: it is never the key that everybody seals with',
    async (part) => {
      const { registry } = registryWithLog();
      const yesterday = new Date(Date.now() - DAY_MS);
      await registry.upsert(keySecret('good', exportPrivateKey(good), await certificateOf(good, yesterday)));
      await registry.upsert(
        keySecret('damaged', damaged(exportPrivateKey(other), part), await certificateOf(other)),
      );
      expect(registry.newest?.name).toBe('good');
    },
  );

  it('when a factor of its modulus is no prime: what is sealed for it could never be opened', async () => {
    const { registry } = registryWithLog();
    const yesterday = new Date(Date.now() - DAY_MS);
    await registry.upsert(keySecret('good', exportPrivateKey(good), await certificateOf(good, yesterday)));
    const text = readVector('keys/rsa2048-three-primes.pem');
    await registry.upsert(keySecret('three-primes', text, await certificateOf(await importKeyPair(text))));
    expect(registry.newest?.name).toBe('good');
    expect(registry.keyRing.keys).toHaveLength(1);
  });

  it('when its certificate begins in the future: the key in use stays the one that is served', async () => {
    const { registry } = registryWithLog();
    await registry.upsert(keySecret('good', exportPrivateKey(good), await certificateOf(good)));
    const later = new Date(Date.now() + 3_650 * DAY_MS);
    await registry.upsert(keySecret('future', exportPrivateKey(other), await certificateOf(other, later)));
    expect(registry.newest?.name).toBe('good');
    expect(registry.keyRing.keys).toHaveLength(2);
  });
});
