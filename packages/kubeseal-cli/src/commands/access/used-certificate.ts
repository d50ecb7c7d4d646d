import type { Recipient } from '@fuin/crypto-core';
import type { Sealing } from '../../invocation/invocation.ts';
import {
  type AnswerCache,
  type CacheKey,
  isAnyCached,
  openCache,
} from '../../recipients/certificate/cache.ts';
import { describeCertificate, describeRecipients } from '../../recipients/certificate/note.ts';

/**
 * Prints a note that describes the certificate, or the keys of format v2, that were used for sealing.
 *
 * @param cluster its name in the settings file, if it is from there
 */
export async function noteCertificate(
  recipient: Recipient,
  invocation: Sealing,
  cluster?: string,
): Promise<void> {
  const { certificate, format, kubeconfig, io, warn } = invocation;
  const { access } = kubeconfig;
  const cached = async () =>
    isAnyCached(io.env) ? (await cacheOf(invocation, 'certificate')).read() : undefined;
  const note =
    recipient.format === 'v2'
      ? await describeRecipients(recipient, format.recipients.length > 0, { access })
      : await describeCertificate(recipient, certificate.source, { access, cached });
  warn(cluster === undefined ? note : `${note}, cluster ${cluster}`);
}

/** What the context's controller answered last. @throws ERR_USAGE without a kubeconfig */
export async function cacheOf(
  { certificate, controller, kubeconfig, io }: Sealing,
  what: CacheKey['what'],
): Promise<AnswerCache> {
  return openCache({ what, access: await kubeconfig.access(), controller }, certificate.cacheTtlMs, io);
}
