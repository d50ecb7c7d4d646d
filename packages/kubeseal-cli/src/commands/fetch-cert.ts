import { formatPem } from '@fuin/crypto-core';
import type { Invocation } from '../invocation/invocation.ts';
import { writeOutput } from '../output/output.ts';
import { openCertificate, readCertificate } from './certificate.ts';

/**
 * Copies the certificate as it is. Where a fingerprint is pinned, the certificate that was checked is printed and nothing else: another
 * program may take another one of the same bytes for the first.
 */
export async function fetchCert(invocation: Invocation): Promise<void> {
  const { certificate, output, io } = invocation;
  const pem = await openCertificate(invocation);
  if (certificate.pin === '') return writeOutput(output.file, pem, io);
  const { der } = await readCertificate(pem, invocation);
  await writeOutput(output.file, formatPem('CERTIFICATE', der), io);
}
