import { AEAD_AES_256_GCM, KDF_HKDF_SHA256, NotSupportedError } from 'hpke';
import { expect, it } from 'vitest';
import { openerOf } from './opener.ts';

const [secret, ciphertext, info] = [new Uint8Array(32), new Uint8Array(48), new Uint8Array(3)];

it('what does not fit the secret is not opened', async () => {
  expect(await openerOf(KDF_HKDF_SHA256, AEAD_AES_256_GCM)(secret, ciphertext, info)).toBeNull();
});

it('a runtime that cannot open says so, and is not taken for a wrong key', async () => {
  const fault = new NotSupportedError('not here');
  const aead = () => ({ ...AEAD_AES_256_GCM(), Open: () => Promise.reject(fault) });
  await expect(openerOf(KDF_HKDF_SHA256, aead)(secret, ciphertext, info)).rejects.toBe(fault);
});
