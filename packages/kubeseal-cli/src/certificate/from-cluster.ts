import { formatPem, SealedSecretsError } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import {
  type ControllerService,
  codeOfAnswer,
  describeAnswer,
  openController,
} from '../controller/service.ts';
import type { Invocation } from '../invocation/invocation.ts';
import { openCache } from './cache.ts';

/**
 * Fetches the certificate from the controller. With --offline a cached one of the same cluster serves when the cluster is out of reach.
 *
 * @param check throws for a certificate that may not be sealed with; such a one is given to the caller, who sees the same, but never cached.
 * Of any other only the certificate that was checked is cached
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function fetchFromCluster(
  invocation: Invocation,
  check: (pem: Uint8Array) => Promise<Pick<Certificate, 'der'>>,
): Promise<Uint8Array> {
  const cache = await openCache(invocation);
  try {
    const fetched = await fetch(invocation, cache.etag);
    if (fetched === 'not modified') {
      const cached = await cache.read();
      if (cached) return cached.pem;
      return await fetchAgain(invocation);
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
    if (invocation.flags.offline && cached) {
      invocation.warn(
        `warning: the cluster is out of reach; using the certificate fetched on ${cached.fetchedAt.toISOString()}`,
      );
      return cached.pem;
    }
    throw explainUnreachable(error, cached !== undefined, invocation.flags.offline);
  }
}

interface Fetched {
  readonly pem: Uint8Array;
  readonly etag: string | undefined;
}

async function fetchAgain(invocation: Invocation): Promise<Uint8Array> {
  const fetched = await fetch(invocation, undefined);
  if (fetched === 'not modified')
    throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'cannot fetch certificate: 304 Not Modified');
  return fetched.pem;
}

async function fetch(invocation: Invocation, etag: string | undefined): Promise<Fetched | 'not modified'> {
  const controller = await openController(invocation);
  try {
    return await requestCertificate(controller, etag);
  } finally {
    await controller.close();
  }
}

/** Asks the controller for its certificate, or whether it is still that of `etag`. @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED */
export async function requestCertificate(
  controller: ControllerService,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  const headers = { accept: 'application/x-pem-file, */*', ...(etag ? { 'if-none-match': etag } : {}) };
  const answer = await controller.send('/v1/cert.pem', { headers });
  if (answer.status === 304 && etag) return 'not modified';
  if (answer.status !== 200) {
    throw new SealedSecretsError(
      codeOfAnswer(answer),
      `cannot fetch certificate: ${describeAnswer(answer)}`,
      {
        hint: 'is the controller running? kubectl -n kube-system get pods',
      },
    );
  }
  const given = answer.headers['etag'];
  return { pem: answer.body, etag: typeof given === 'string' ? given : undefined };
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
