import { formatPem, type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import { type Certificate, parseCertificate } from '@fuin/crypto-core/x509';
import { decodeText } from '@fuin/manifests/text-encoding';
import type { Warn } from '../../invocation/warnings.ts';
import { isDer } from '../../io/files.ts';

/**
 * Warn when the certificate has less than this left: sealing keys are renewed every 30 days, so there should
 * be a newer one.
 */
const WARN_BEFORE_MS = 30 * 24 * 3_600_000;

/** What a certificate is held to. */
export interface CertificateCheck {
  /** Where it comes from, for messages. */
  readonly where: string;
  /** Fingerprint of the only key that is accepted; empty accepts every key. */
  readonly pin: string;
  readonly now: Date;
}

/** No scheme, or one letter (a Windows drive), means a file. */
export function isFileName(source: string): boolean {
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(source)?.[1] ?? '';
  return scheme.length <= 1;
}

/**
 * Reads the first certificate of a PEM text and checks that it may be sealed with: RSA, not expired, and the
 * pinned one if one is pinned.
 *
 * @throws ERR_CERTIFICATE_INVALID
 */
export async function checkCertificate(
  pem: Uint8Array,
  { where, pin, now }: CertificateCheck,
): Promise<Certificate> {
  const certificate = await readFirst(pem, where);
  const { recipient, notAfter } = certificate;
  if (now.getTime() > notAfter.getTime()) {
    throw invalid(
      `failed to encrypt using an expired certificate on ${longDate(notAfter)}`,
      `in ${where}: fetch the current one with kubeseal --fetch-cert, or let the controller make a new key (--key-renew-period)`,
    );
  }
  if (pin !== '') refuseOtherKey(recipient, pin);
  return certificate;
}

/** Says that a certificate is about to expire. */
export function warnOfEnd(notAfter: Date, now: Date, warn: Warn): void {
  if (!endsSoon(notAfter, now)) return;
  warn(
    `warning: the certificate expires on ${longDate(notAfter)}; fetch a newer one with kubeseal --fetch-cert`,
  );
}

/** Whether less than the time is left in which a key is renewed. */
export function endsSoon(notAfter: Date, now: Date): boolean {
  return notAfter.getTime() - now.getTime() < WARN_BEFORE_MS;
}

/** @throws ERR_CERTIFICATE_INVALID when the key is not the pinned one */
export function refuseOtherKey({ id: actual }: Recipient, pin: string): void {
  if (actual === pin.replace(/=+$/, '')) return;
  throw invalid(
    `the certificate has fingerprint ${actual}, not ${pin}`,
    'either the sealing key was renewed (then pin the new fingerprint) or something else replaced the certificate',
  );
}

/**
 * Reads the first certificate of the text and ignores everything else, like Go. Unlike Go it accepts DER and
 * UTF-16 too.
 *
 * @throws ERR_CERTIFICATE_INVALID
 */
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

/** `March 4, 2021` like upstream, in UTC. */
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
