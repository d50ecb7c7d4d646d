import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { isUnchanged, type LastUnseals, type SecretVersion } from './status/last-unseal.ts';

/** What it takes to tell the present from the past. */
export interface PresentDeps {
  readonly observations: LastUnseals;
  /** The SealedSecret as the API server has it now. */
  readonly readSealedSecret: (key: ObjectKey) => Promise<KubeObject | undefined>;
}

/**
 * Makes sure, before a Secret is written, that the cached SealedSecret is not one from the past: after a start, or a
 * change of API server, a cache may lag behind, and an old value must not come back, nor a Secret whose SealedSecret
 * is gone. Asks the server only where something speaks for it: the Secret is not as the last success left it, or
 * that was over a later version. So what is made for the first time, or was changed since, costs no request.
 *
 * @throws ERR_CONFLICT when the server has another version; the cache will tell
 */
export async function refuseStaleSealedSecret(
  key: ObjectKey,
  object: KubeObject,
  secret: SecretVersion,
  { observations, readSealedSecret }: PresentDeps,
): Promise<void> {
  const last = observations.last(key, object);
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
