import { createPublicKey } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { generateKeyPair } from './key-pair.ts';
import { importPublicKey } from './rsa-oaep.ts';

/** A public key with a modulus of so many bits; whether it is a product of primes shows nowhere. */
function publicKeyOf(bits: number): Uint8Array<ArrayBuffer> {
  const n = Buffer.alloc(bits / 8, 0xff).toString('base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'RSA', n, e: 'AQAB' } });
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }));
}

it('a public key has 16,384 bits at most: longer ones cost seconds, and OpenSSL refuses to use them', async () => {
  expect((await importPublicKey(publicKeyOf(16_384))).algorithm).toMatchObject({ modulusLength: 16_384 });
  await expect(importPublicKey(publicKeyOf(16_392))).rejects.toMatchObject({
    code: 'ERR_KEY_INVALID',
    message: 'RSA key of 16392 bits: 1024 to 16384 are possible',
  });
});

it('a new key has 8,192 bits at most', async () => {
  // to make one takes a minute, so that only the request is looked at
  const generate = vi.spyOn(crypto.subtle, 'generateKey').mockRejectedValue(new Error('requested'));
  try {
    await expect(generateKeyPair(8192)).rejects.toThrow('requested');
    expect(generate.mock.lastCall?.[0]).toMatchObject({ modulusLength: 8192 });
    await expect(generateKeyPair(8200)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
    expect(generate).toHaveBeenCalledTimes(1);
  } finally {
    generate.mockRestore();
  }
});
