import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { fingerprintOf } from './fingerprint.ts';
import { certifierOf, importKeyPair } from './key-pair.ts';
import { importPublicKey } from './rsa-oaep.ts';

const FROM_SSH_KEYGEN = JSON.parse(readVector('keys/fingerprints.json')) as Readonly<Record<string, string>>;

describe('fingerprintOf', () => {
  it.each(Object.entries(FROM_SSH_KEYGEN))('equals what ssh-keygen -l says of %s', async (file, expected) => {
    const keyPair = await importKeyPair(readVector(file));
    const { spki } = await certifierOf(keyPair);
    expect(await fingerprintOf(await importPublicKey(spki))).toBe(expected);
    expect(keyPair.id).toBe(expected);
  });
  it('refuses a key that is not RSA', async () => {
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
    ]);
    await expect(fingerprintOf(publicKey)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
});
