import { formatPem, type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import { type Certificate, parseCertificate } from '@fuin/crypto-core/x509';
import { decodeText } from '@fuin/manifests/text-encoding';
import type { Invocation } from '../invocation/invocation.ts';
import { isDer, readInput } from '../io/files.ts';

/** Warn when the certificate has less than this left: sealing keys are renewed every 30 days, so there should be a newer one. */
const WARN_BEFORE_MS = 30 * 24 * 3_600_000;

/** The bytes of the certificate: from --cert, else from the controller through the API server. */
export async function openCertificate(invocation: Invocation): Promise<Uint8Array> {
  const { cert } = invocation.flags;
  if (!cert) {
    const { fetchFromCluster } = await import('./from-cluster.ts');
    return fetchFromCluster(invocation, (pem) => checkCertificate(pem, invocation));
  }
  if (isFileName(cert)) return readInput(invocation.io.cwd, cert, 'cert');
  return (await import('./from-url.ts')).fetchFromUrl(cert, invocation);
}

/** No scheme, or one letter (a Windows drive), means a file. */
function isFileName(name: string): boolean {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(name)?.[1] ?? '';
  return scheme.length <= 1;
}

/**
 * Reads the first certificate of a PEM text and checks that it may be sealed with: RSA, not expired, and the pinned one if one is pinned.
 * Warns when it is about to expire.
 *
 * @throws ERR_CERTIFICATE_INVALID
 */
export async function readSealingKey(pem: Uint8Array, invocation: Invocation): Promise<Recipient> {
  const certificate = await checkCertificate(pem, invocation);
  warnOfEnd(certificate, invocation);
  return certificate.recipient;
}

/** Says that a certificate is about to expire. */
export function warnOfEnd({ notAfter }: Certificate, { io, warn }: Pick<Invocation, 'io' | 'warn'>): void {
  if (notAfter.getTime() - io.now().getTime() >= WARN_BEFORE_MS) return;
  warn(
    `warning: the certificate expires on ${longDate(notAfter)}; fetch a newer one with kubeseal --fetch-cert`,
  );
}

/** The same without the warning. @throws ERR_CERTIFICATE_INVALID */
export async function checkCertificate(
  pem: Uint8Array,
  { flags, io }: Pick<Invocation, 'flags' | 'io'>,
): Promise<Certificate> {
  const where = flags.cert || 'the answer of the controller';
  const certificate = await readFirst(pem, where);
  const { recipient, notAfter } = certificate;
  const now = io.now().getTime();
  if (now > notAfter.getTime()) {
    throw invalid(
      `failed to encrypt using an expired certificate on ${longDate(notAfter)}`,
      `in ${where}: fetch the present one with kubeseal --fetch-cert, or let the controller make a new key (--key-renew-period)`,
    );
  }
  if (flags['cert-fingerprint']) refuseOtherKey(recipient, flags['cert-fingerprint']);
  return certificate;
}

/** @throws ERR_CERTIFICATE_INVALID when the key is not the pinned one */
export function refuseOtherKey({ id: actual }: Recipient, pinned: string): void {
  if (actual === pinned.replace(/=+$/, '')) return;
  throw invalid(
    `the certificate has fingerprint ${actual}, not ${pinned}`,
    'either the sealing key was renewed (then pin the new fingerprint) or somebody put another certificate in its place',
  );
}

/** As Go does: the first certificate of the text, whatever else stands in it; here DER and UTF-16 count too. @throws ERR_CERTIFICATE_INVALID */
export async function readFirst(pem: Uint8Array, where: string): Promise<Certificate> {
  try {
    return await parseCertificate(isDer(pem) ? formatPem('CERTIFICATE', pem) : decodeText(pem));
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    throw invalid(
      error.message,
      `in ${where}: it should start with -----BEGIN CERTIFICATE----- and hold an RSA key, as kubeseal --fetch-cert writes it`,
    );
  }
}

/** `March 4, 2021`, as upstream writes it; the day counts in UTC. */
function longDate(date: Date): string {
  return date.toLocaleDateString('en-US', {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    timeZone: 'UTC',
  });
}

function invalid(message: string, hint: string): SealedSecretsError {
  return new SealedSecretsError('ERR_CERTIFICATE_INVALID', message, { hint });
}
