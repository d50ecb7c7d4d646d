import { formatPem } from '@fuin/crypto-core';
import type { Invocation } from '../../invocation/invocation.ts';
import { writeOutput } from '../../output/output.ts';
import { openCertificate, readCertificate } from '../access/certificate.ts';

/**
 * Prints the certificate unchanged. If a fingerprint is pinned, prints only the certificate that was checked:
 * another program might read another certificate of the same bytes as the first one.
 */
export async function fetchCert(invocation: Invocation): Promise<void> {
  const { certificate, output, io } = invocation;
  const pem = await openCertificate(invocation);
  if (certificate.pin === '') return writeOutput(output.file, pem, io);
  const { der } = await readCertificate(pem, invocation);
  await writeOutput(output.file, formatPem('CERTIFICATE', der), io);
}
