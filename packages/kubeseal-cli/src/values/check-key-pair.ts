import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Bytes } from '@fuin/crypto-core';

/**
 * Judges a certificate and a key in PEM, of every kind that OpenSSL reads: what is wrong, or undefined where
 * the key belongs to the certificate.
 */
export async function checkKeyPair(certificatePem: Bytes, keyPem: Bytes): Promise<string | undefined> {
  const certificate = read(certificatePem, (pem) => new X509Certificate(pem));
  const key = read(keyPem, createPrivateKey);
  if (!certificate) return 'tls.crt is not a certificate in PEM';
  if (!key) return 'tls.key is not a private key in PEM without a passphrase';
  return certificate.checkPrivateKey(key) ? undefined : 'tls.key is not the key of the certificate tls.crt';
}

function read<T>(pem: Bytes, parse: (pem: Buffer) => T): T | undefined {
  try {
    return parse(Buffer.from(pem));
  } catch {
    return undefined; // the reason may quote a part of the key
  }
}
