import { type Bytes, importKeyPair, parsePem } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { textOf } from './text-of.ts';

/**
 * Judges a certificate and a key in PEM as far as a browser can: key pairs of RSA wholly, others only by
 * their form. Returns what is wrong, in kubeseal's words.
 */
export async function checkKeyPair(certificatePem: Bytes, keyPem: Bytes): Promise<string | undefined> {
  const [certificate, key] = [textOf(certificatePem) ?? '', textOf(keyPem) ?? ''];
  if (!parsePem(certificate).some(({ label }) => label === 'CERTIFICATE'))
    return 'tls.crt is not a certificate in PEM';
  if (!parsePem(key).some(({ label, hasHeaders }) => /^(\w+ )?PRIVATE KEY$/.test(label) && !hasHeaders))
    return 'tls.key is not a private key in PEM without a passphrase';
  const ofCertificate = await idOf(parseCertificate(certificate).then(({ recipient }) => recipient));
  const ofKey = await idOf(importKeyPair(key));
  return ofCertificate === ofKey ? undefined : 'tls.key is not the key of the certificate tls.crt';
}

/** The fingerprint of a key of RSA; undefined for every other kind. */
function idOf(reading: Promise<{ readonly id: string }>): Promise<string | undefined> {
  return reading.then(
    ({ id }) => id,
    () => undefined,
  );
}
