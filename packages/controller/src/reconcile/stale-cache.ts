import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { isUnchanged, type LastUnseals, type SecretVersion } from './status/last-unseal.ts';

/** What it takes to recognise an outdated SealedSecret. */
export interface StaleCacheDeps {
  readonly lastUnseals: LastUnseals;
  /** The SealedSecret as the API server has it now. */
  readonly readSealedSecret: (key: ObjectKey) => Promise<KubeObject | undefined>;
}

/**
 * Makes sure, before a Secret is written, that the cached SealedSecret is not outdated. After a start, or a
 * change of API server, a cache may lag behind. An old value must not return, and neither must a Secret whose
 * SealedSecret was deleted. This asks the server only if there is a reason to: the Secret is not as the last
 * success left it, or that success was for a later version. So the first creation, and every later change,
 * costs no request.
 *
 * @throws ERR_CONFLICT if the server has another version; the cache will report it
 */
export async function refuseStaleSealedSecret(
  key: ObjectKey,
  object: KubeObject,
  secret: SecretVersion,
  { lastUnseals, readSealedSecret }: StaleCacheDeps,
): Promise<void> {
  const last = lastUnseals.last(key, object);
  const isNext = last && last.generation <= (object.metadata.generation ?? 0) && isUnchanged(last, secret);
  const isFirst = !last && secret === 'absent';
  if (isNext || isFirst) return;
  const live = (await readSealedSecret(key))?.metadata;
  const { uid, generation } = object.metadata;
  if (live?.uid === uid && live?.generation === generation) return;
  throw new SealedSecretsError(
    'ERR_CONFLICT',
    'the SealedSecret changed during reconciliation; waiting for the cache to catch up',
  );
}
