import { formatPem } from '@fuin/crypto-core';
import { checkCertificate, openCertificate, warnOfEnd } from '../certificate/certificate.ts';
import type { Invocation } from '../invocation/invocation.ts';
import { writeOutput } from '../output/output.ts';

/**
 * Copies the certificate as it is. Where a fingerprint is pinned, the certificate that was checked is printed and nothing else: another
 * program may take another one of the same bytes for the first.
 */
export async function fetchCert(invocation: Invocation): Promise<void> {
  const pem = await openCertificate(invocation);
  if (!invocation.flags['cert-fingerprint']) return writeOutput(invocation, pem);
  const certificate = await checkCertificate(pem, invocation);
  warnOfEnd(certificate, invocation);
  await writeOutput(invocation, formatPem('CERTIFICATE', certificate.der));
}
