import { openCertificate, parseCertificate } from '../certificate.ts';
import type { Invocation } from '../invocation.ts';
import { writeOutput } from '../output.ts';

/** Copies the certificate as it is; it is looked into only when a fingerprint is pinned. */
export async function fetchCert(invocation: Invocation): Promise<void> {
  const pem = await openCertificate(invocation);
  if (invocation.flags['cert-fingerprint']) await parseCertificate(pem, invocation);
  await writeOutput(invocation, pem);
}
