import { SealedSecretsError } from '@fuin/crypto-core';
import type { Fetched } from '../../controller/key-requests.ts';
import type { ControllerService } from '../../controller/service.ts';
import type { Warn } from '../../invocation/warnings.ts';
import type { AnswerCache } from './cache.ts';

/** How the certificate of a controller is fetched, or its recipients of format v2. */
export interface FetchPlan {
  open(): Promise<ControllerService>;
  /** Asks for the answer, or whether it is still that of `etag`. */
  request(controller: ControllerService, etag: string | undefined): Promise<Fetched | 'not modified'>;
  readonly cache: AnswerCache;
  /**
   * The text that is cached of an answer. Throws for one that may not be used for sealing: that one is
   * returned all the same, because the caller runs the same check, but it is never cached.
   */
  check(body: Uint8Array): Promise<string>;
  /** How messages call the answer, and how to do without the cluster. */
  readonly words: { readonly one: string; readonly instead: string };
  /** Whether to use a cached answer if the cluster cannot be reached. */
  readonly isOffline: boolean;
}

/**
 * Fetches the answer of the controller, or uses the cached one if it has not changed.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function fetchFromCluster(plan: FetchPlan, warn: Warn): Promise<Uint8Array> {
  const { cache, check, words, isOffline } = plan;
  try {
    const fetched = await fetch(plan, cache.etag);
    if (fetched === 'not modified') {
      const cached = await cache.read();
      if (cached) return cached.body;
      return await fetchAgain(plan);
    }
    await check(fetched.body).then(
      (text) => cache.write(text, fetched.etag),
      () => undefined,
    );
    return fetched.body;
  } catch (error) {
    const isUnreachable = error instanceof SealedSecretsError && error.code === 'ERR_API_UNAVAILABLE';
    if (!isUnreachable) throw error;
    const cached = await cache.read();
    if (isOffline && cached) {
      warn(
        `warning: the cluster cannot be reached; using the ${words.one} fetched on ${cached.fetchedAt.toISOString()}`,
      );
      return cached.body;
    }
    throw explainUnreachable(error, plan, cached !== undefined);
  }
}

async function fetchAgain(plan: FetchPlan): Promise<Uint8Array> {
  const fetched = await fetch(plan, undefined);
  if (fetched === 'not modified')
    throw new SealedSecretsError('ERR_API_UNAVAILABLE', `cannot fetch ${plan.words.one}: 304 Not Modified`);
  return fetched.body;
}

async function fetch(
  { open, request }: FetchPlan,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  const controller = await open();
  try {
    return await request(controller, etag);
  } finally {
    await controller.close();
  }
}

function explainUnreachable(
  error: SealedSecretsError,
  { words: { one, instead }, isOffline }: FetchPlan,
  isCached: boolean,
): SealedSecretsError {
  const given =
    error.hint ??
    (isCached ? `a ${one} of this cluster is cached: --offline uses it` : `without the cluster, ${instead}`);
  const hint = isOffline ? `--offline found no ${one} of this cluster in the cache\n${given}` : given;
  return error.withHint(hint);
}
