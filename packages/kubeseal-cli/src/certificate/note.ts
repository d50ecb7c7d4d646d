import { fingerprintOf, SealedSecretsError } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ClusterAccess } from '@fuin/kube/access';
import type { CachedCertificate } from './cache.ts';

/** What is known of the controller that the context leads to. */
export interface ContextController {
  /** @throws ERR_USAGE where there is no kubeconfig */
  access(): Promise<ClusterAccess>;
  /** Its certificate when it was asked last. */
  cached(): Promise<CachedCertificate | undefined>;
}

/**
 * Says with which certificate values are sealed: a wrong context, or a file of another cluster, shows nowhere else before the cluster
 * refuses them.
 *
 * @param source file or URL of the certificate; empty where it is the controller's
 */
export async function describeCertificate(
  publicKey: CryptoKey,
  source: string,
  controller: ContextController,
): Promise<string> {
  const fingerprint = await fingerprintOf(publicKey);
  const origin =
    source === ''
      ? `the controller of ${contextOf(await controller.access())}`
      : `${source}${await differenceFromContext(fingerprint, controller)}`;
  return `note: sealed with the certificate ${fingerprint} of ${origin}`;
}

/** That the context's controller had another certificate when it was asked last; nothing where nobody knows. */
async function differenceFromContext(fingerprint: string, controller: ContextController): Promise<string> {
  try {
    const cached = await controller.cached();
    if (!cached) return '';
    const { publicKey } = await parseCertificate(Buffer.from(cached.pem).toString('latin1'));
    if ((await fingerprintOf(publicKey)) === fingerprint) return '';
    const day = cached.fetchedAt.toISOString().slice(0, 10);
    return `; the controller of ${contextOf(await controller.access())} had another one on ${day}`;
  } catch (error) {
    if (error instanceof SealedSecretsError) return ''; // no kubeconfig, or a cached certificate that cannot be read
    throw error;
  }
}

function contextOf({ contextName, cluster }: ClusterAccess): string {
  return contextName === '' ? String(cluster['server']) : `context "${contextName}"`;
}
