import { formatPem, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { type Fetched, requestCertificate } from '../controller/certificate-request.ts';
import type { ControllerService } from '../controller/service.ts';
import type { Warn } from '../invocation/warnings.ts';
import type { CertificateCache } from './cache.ts';

/** How the certificate of a controller is fetched. */
export interface FetchPlan {
  open(): Promise<ControllerService>;
  readonly cache: CertificateCache;
  /**
   * Throws for a certificate that may not be used for sealing. Such a certificate is returned all the same,
   * because the caller runs the same check, but it is never cached. Of any other answer only the checked
   * certificate is cached.
   */
  check(pem: Uint8Array): Promise<Pick<Certificate, 'der'>>;
  /** Whether to use a cached certificate if the cluster cannot be reached. */
  readonly isOffline: boolean;
}

/**
 * Fetches the certificate from the controller, or uses the cached one if it has not changed.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function fetchFromCluster(
  { open, cache, check, isOffline }: FetchPlan,
  warn: Warn,
): Promise<Uint8Array> {
  try {
    const fetched = await fetch(open, cache.etag);
    if (fetched === 'not modified') {
      const cached = await cache.read();
      if (cached) return cached.pem;
      return await fetchAgain(open);
    }
    await check(fetched.pem).then(
      ({ der }) => cache.write(formatPem('CERTIFICATE', der), fetched.etag),
      () => undefined,
    );
    return fetched.pem;
  } catch (error) {
    const isUnreachable = error instanceof SealedSecretsError && error.code === 'ERR_API_UNAVAILABLE';
    if (!isUnreachable) throw error;
    const cached = await cache.read();
    if (isOffline && cached) {
      warn(
        `warning: the cluster cannot be reached; using the certificate fetched on ${cached.fetchedAt.toISOString()}`,
      );
      return cached.pem;
    }
    throw explainUnreachable(error, cached !== undefined, isOffline);
  }
}

async function fetchAgain(open: FetchPlan['open']): Promise<Uint8Array> {
  const fetched = await fetch(open, undefined);
  if (fetched === 'not modified')
    throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'cannot fetch certificate: 304 Not Modified');
  return fetched.pem;
}

async function fetch(open: FetchPlan['open'], etag: string | undefined): Promise<Fetched | 'not modified'> {
  const controller = await open();
  try {
    return await requestCertificate(controller, etag);
  } finally {
    await controller.close();
  }
}

function explainUnreachable(
  error: SealedSecretsError,
  isCached: boolean,
  isOffline: boolean,
): SealedSecretsError {
  const saved = 'without the cluster, seal with a saved certificate: --cert FILE';
  const given =
    error.hint ?? (isCached ? 'a certificate of this cluster is cached: --offline uses it' : saved);
  const hint = isOffline ? `--offline found no certificate of this cluster in the cache\n${given}` : given;
  return error.withHint(hint);
}
