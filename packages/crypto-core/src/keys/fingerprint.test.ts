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
  it('equals what ssh-keygen -l says of a modulus that begins with the byte 80', async () => {
    const n = Buffer.alloc(256);
    n[0] = 0x80;
    n[255] = 1;
    const jwk = { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB' };
    const algorithm = { name: 'RSA-OAEP', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['encrypt']);
    expect(await fingerprintOf(key)).toBe('SHA256:Js2Dxmvn6q4imp7p4HPS1bOZqtUEaZ+i6v/mfPXmBbc');
  });
  it('refuses a key that is not RSA', async () => {
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
    ]);
    await expect(fingerprintOf(publicKey)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
});
