import type { Recipient, ValueFormat } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import type { Sealing } from '../../invocation/invocation.ts';
import { variableOf } from '../../invocation/options.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import { checkCertificate, isFileName, warnOfEnd } from '../../recipients/certificate/certificate.ts';

/** The bytes of the certificate: from --cert, else from the controller through the API server. */
export async function openCertificate(invocation: Sealing): Promise<Uint8Array> {
  const { certificate, io } = invocation;
  if (certificate.source === '') {
    const { fetchCertificate } = await import('./controller.ts');
    return fetchCertificate(invocation, (pem) => check(pem, invocation));
  }
  if (isFileName(certificate.source)) return readInput(io.cwd, certificate.source, 'cert');
  return (await import('../../recipients/certificate/from-url.ts')).fetchFromUrl(certificate, io);
}

/**
 * The certificate of those bytes, checked, with a warning when it is about to expire.
 *
 * @throws ERR_CERTIFICATE_INVALID
 */
export async function readCertificate(pem: Uint8Array, invocation: Sealing): Promise<Certificate> {
  const certificate = await check(pem, invocation);
  warnOfEnd(certificate.notAfter, invocation.io.now(), invocation.warn);
  return certificate;
}

/**
 * Whom to seal for: the key of the certificate, or in format v2 the recipients. Nothing of format v2 is
 * loaded for the other, and neither ever stands in for the other.
 *
 * @throws ERR_CERTIFICATE_INVALID, ERR_KEY_INVALID, ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function openSealingKey(invocation: Sealing, format: ValueFormat): Promise<Recipient> {
  if (format === 'v1')
    return (await readCertificate(await openCertificate(invocation), invocation)).recipient;
  if (invocation.format.recipients.length === 0) refuseCertificate(invocation.certificate);
  const { openRecipients } = await import('../../recipients/open.ts');
  const { format: asked, io, warn } = invocation;
  const fetch = async (check: (body: Uint8Array) => Promise<unknown>) =>
    (await import('./controller.ts')).fetchRecipients(invocation, check);
  return openRecipients({ words: asked.recipients, fetch }, io, warn);
}

/**
 * What says whom to trust must not be passed over in silence: the controller of the context may be another
 * one, and anyone who answers in its place could show the pinned certificate and a recipient of their own.
 *
 * @throws ERR_USAGE for a certificate, or a pin of one, where the controller would be asked for its recipient
 */
function refuseCertificate({ source, isChosen, pin }: Sealing['certificate']): void {
  const what = 'and a value of format v2 is sealed for another key';
  const hint = 'pin the recipient: --recipient fuin1..., or recipients in .kubeseal.yaml';
  if (isChosen && source !== '')
    throw usageError(`--cert (or ${variableOf('cert')}) is a certificate of format 1, ${what}`, hint);
  if (pin !== '')
    throw usageError(`--cert-fingerprint, or that of the settings, pins a certificate, ${what}`, hint);
}

function check(pem: Uint8Array, { certificate, io }: Sealing): Promise<Certificate> {
  const where = certificate.source || 'the answer of the controller';
  return checkCertificate(pem, { where, pin: certificate.pin, now: io.now() });
}
