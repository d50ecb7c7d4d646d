import { type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ClusterAccess } from '@fuin/kube/access';
import type { CachedAnswer } from './cache.ts';

/** What is known about the controller of the context. */
export interface ContextController {
  /** @throws ERR_USAGE where there is no kubeconfig */
  access(): Promise<ClusterAccess>;
  /** The certificate that it returned last. */
  cached(): Promise<CachedAnswer | undefined>;
}

/**
 * Describes the certificate that was used. Nothing else reveals a wrong context, or a certificate of another
 * cluster, until the cluster refuses the values.
 *
 * @param source file or URL of the certificate; empty where it is the controller's
 */
export async function describeCertificate(
  { id: fingerprint }: Recipient,
  source: string,
  controller: ContextController,
): Promise<string> {
  const origin =
    source === ''
      ? `the controller of ${contextOf(await controller.access())}`
      : `${source}${await differenceFromContext(fingerprint, controller)}`;
  return `note: sealed with the certificate ${fingerprint} of ${origin}`;
}

/**
 * Describes the keys of format v2 that were sealed for.
 *
 * @param isNamed whether --recipient or the settings name them
 */
export async function describeRecipients(
  { id }: Recipient,
  isNamed: boolean,
  { access }: Pick<ContextController, 'access'>,
): Promise<string> {
  const keys = id.split(' ').join(', ');
  const origin = isNamed ? '' : ` of the controller of ${contextOf(await access())}`;
  return `note: sealed in format v2 for ${keys}${origin}`;
}

/** A remark if the context's controller returned another certificate last time; empty if that is unknown. */
async function differenceFromContext(fingerprint: string, controller: ContextController): Promise<string> {
  try {
    const cached = await controller.cached();
    if (!cached) return '';
    const { recipient } = await parseCertificate(Buffer.from(cached.body).toString('latin1'));
    if (recipient.id === fingerprint) return '';
    const day = cached.fetchedAt.toISOString().slice(0, 10);
    return `; the controller of ${contextOf(await controller.access())} had another one on ${day}`;
  } catch (error) {
    // no kubeconfig, or a cached certificate that cannot be read
    if (error instanceof SealedSecretsError) return '';
    throw error;
  }
}

function contextOf({ contextName, cluster }: ClusterAccess): string {
  return contextName === '' ? String(cluster['server']) : `context "${contextName}"`;
}
