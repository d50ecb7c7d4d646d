import { formatPem } from '@fuin/crypto-core';
import type { Invocation } from '../../invocation/invocation.ts';
import { writeOutput } from '../../output/output.ts';
import { openCertificate, readCertificate } from '../access/certificate.ts';

/**
 * Prints the certificate, or in format v2 a line for each recipient, as --recipient reads them. The
 * certificate is unchanged. If a fingerprint is pinned, prints only the certificate that was checked: another
 * program might read another certificate of the same bytes as the first one.
 */
export async function fetchCert(invocation: Invocation): Promise<void> {
  const { certificate, format, output, io } = invocation;
  if (format.asked === 'v2') return writeOutput(output.file, await recipientsOf(invocation), io);
  const pem = await openCertificate(invocation);
  if (certificate.pin === '') return writeOutput(output.file, pem, io);
  const { der } = await readCertificate(pem, invocation);
  await writeOutput(output.file, formatPem('CERTIFICATE', der), io);
}

/** The recipients that would be sealed for, a line for each. */
async function recipientsOf(invocation: Invocation): Promise<string> {
  const { fetchRecipients } = await import('../access/controller.ts');
  const { recipientLines } = await import('../../recipients/open.ts');
  const { format, io, warn } = invocation;
  return recipientLines(
    { words: format.recipients, fetch: (check) => fetchRecipients(invocation, check) },
    io,
    warn,
  );
}
