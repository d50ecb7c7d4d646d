import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { checkKeyPair } from './check-key-pair.ts';

const judge = (certificate: string, key: string) => checkKeyPair(encodeUtf8(certificate), encodeUtf8(key));
const vector = (name: string) => readVector(name);

describe('checkKeyPair', () => {
  it.each([
    ['RSA', 'x509/rsa-a.crt', 'keys/rsa2048-a.pkcs8.pem'],
    ['RSA in PKCS#1', 'x509/rsa-a.crt', 'keys/rsa2048-a.pkcs1.pem'],
    ['a curve, whose key it cannot compare', 'x509/ec.crt', 'keys/ec-p256.pkcs8.pem'],
  ])('accepts a key of %s with its certificate', async (_kind, certificate, key) => {
    expect(await judge(vector(certificate), vector(key))).toBeUndefined();
  });
  it.each([
    [
      'the key of another certificate',
      vector('x509/rsa-b.crt'),
      vector('keys/rsa2048-a.pkcs8.pem'),
      'is not the key of',
    ],
    [
      'a key of another kind',
      vector('x509/rsa-a.crt'),
      vector('keys/ec-p256.pkcs8.pem'),
      'is not the key of',
    ],
    ['no certificate', 'x', vector('keys/rsa2048-a.pkcs8.pem'), 'tls.crt is not a certificate'],
    ['no key', vector('x509/rsa-a.crt'), vector('x509/rsa-a.crt'), 'tls.key is not a private key'],
    [
      'a key with a passphrase',
      vector('x509/rsa-a.crt'),
      vector('keys/rsa2048-a.encrypted-pkcs1.pem'),
      'without a passphrase',
    ],
  ])('refuses %s, without a piece of it', async (_what, certificate, key, message) => {
    expect(await judge(certificate, key)).toContain(message);
  });
  it('does not stumble over bytes that are no text', async () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x00]);
    expect(await checkKeyPair(bytes, bytes)).toBe('tls.crt is not a certificate in PEM');
  });
});
