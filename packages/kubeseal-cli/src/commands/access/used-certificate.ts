import type { Recipient } from '@fuin/crypto-core';
import { isAnyCached, openCache } from '../../certificate/cache.ts';
import { describeCertificate } from '../../certificate/note.ts';
import type { Sealing } from '../../invocation/invocation.ts';

/**
 * Prints a note that describes the certificate that was used for sealing.
 *
 * @param cluster its name in the settings file, if it is from there
 */
export async function noteCertificate(
  recipient: Recipient,
  invocation: Sealing,
  cluster?: string,
): Promise<void> {
  const { certificate, kubeconfig, io, warn } = invocation;
  const cached = async () => (isAnyCached(io.env) ? (await cacheOf(invocation)).read() : undefined);
  const note = await describeCertificate(recipient, certificate.source, {
    access: kubeconfig.access,
    cached,
  });
  warn(cluster === undefined ? note : `${note}, cluster ${cluster}`);
}

/** The certificate that the context's controller returned last. @throws ERR_USAGE without a kubeconfig */
export async function cacheOf({ certificate, controller, kubeconfig, io }: Sealing) {
  return openCache({ access: await kubeconfig.access(), controller }, certificate.cacheTtlMs, io);
}
