import { API_VERSION, KIND, SealedSecretsError } from '@fuin/crypto-core';
import type { ApiClient, KubeObject, ObjectKey, ResourceType } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';
import { type LastUnseal, nextStatus, type Outcome, type StatusSize } from './status.ts';

/** SealedSecrets of bitnami.com/v1alpha1. */
export const SEALED_SECRETS: ResourceType = {
  group: 'bitnami.com',
  version: 'v1alpha1',
  plural: 'sealedsecrets',
};

const MAX_ATTEMPTS = 4;

/** Writes the result of a reconcile. */
export interface StatusWriter {
  /**
   * `object` is the version that was reconciled. @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED, ERR_CONFLICT,
   * ERR_OBJECT_TOO_LARGE
   */
  write(key: ObjectKey, object: KubeObject, outcome: Outcome): Promise<void>;
}

/**
 * Makes a writer that relies on the server's own object, never on a cached copy alone. The server refuses a
 * write against an old version; then the object is read and decided again. An object that was changed or
 * deleted in the meantime gets no status from an outdated reconcile. The status is replaced, not patched,
 * because the rights of an upstream installation allow only updates. The spec is not sent: a write of the
 * status does not change it, and it may be large, or nested too deeply to be written. `onStored` reports
 * whether the server kept all of the status: a CRD other than ours drops unknown fields, and then a status
 * that lacks nothing else is left as it is, or each reconcile of each object would write it in vain. Object
 * and status are stored together; if they are too large, a small status is written.
 */
export function createStatusWriter(
  api: Pick<ApiClient, 'get' | 'replace'>,
  now: () => Date,
  onStored: (object: KubeObject, isWhole: boolean) => void = () => undefined,
): StatusWriter {
  let isPruned = false; // as the last answer was: the next write finds out whether the CRD was replaced
  const noteStored = (object: KubeObject, isWhole: boolean) => {
    isPruned = !isWhole;
    onStored(object, isWhole);
  };
  const writeSized = async (current: KubeObject, outcome: Outcome, size: StatusSize) => {
    if (isPruned && !nextStatus(current, outcome, now(), 'pruned')) return noteStored(current, false);
    const status = nextStatus(current, outcome, now(), size);
    const answer = status && (await replace(api, current, status));
    if (answer instanceof SealedSecretsError) return answer;
    if (answer && status.lastUnseal) noteStored(current, hasAll(answer, status.lastUnseal));
    return undefined;
  };
  const writeFitting = async (current: KubeObject, outcome: Outcome) => {
    const failure = await writeSized(current, outcome, 'whole');
    return failure?.code === 'ERR_OBJECT_TOO_LARGE' ? writeSized(current, outcome, 'small') : failure;
  };
  const write = async (key: ObjectKey, object: KubeObject, outcome: Outcome): Promise<void> => {
    let current = object;
    for (let attempt = 1; ; attempt++) {
      const failure = await writeFitting(current, outcome);
      if (!failure) return;
      const live = await api.get(SEALED_SECRETS, key);
      if (!live || !isSameVersion(live, object)) return;
      if (attempt === MAX_ATTEMPTS || failure.code !== 'ERR_CONFLICT') throw failure;
      current = live;
    }
  };
  return { write };
}

/** Writes no status, for a controller with `--update-status=false`. */
export const silentStatusWriter: StatusWriter = { write: () => Promise.resolve() };

async function replace(
  api: Pick<ApiClient, 'replace'>,
  { metadata }: KubeObject,
  status: object,
): Promise<KubeObject | SealedSecretsError> {
  try {
    return await api.replace(
      SEALED_SECRETS,
      { apiVersion: API_VERSION, kind: KIND, metadata, status },
      { subresource: 'status' },
    );
  } catch (error) {
    // a conflict, or 404 because the object was deleted; without an answer there is nothing to decide
    const isDecidable = error instanceof SealedSecretsError && error.code !== 'ERR_API_UNAVAILABLE';
    if (isDecidable) return error;
    throw error;
  }
}

function hasAll({ status }: KubeObject, lastUnseal: LastUnseal): boolean {
  const kept = recordOf(recordOf(status)['lastUnseal']);
  return Object.keys(lastUnseal).every((field) => Object.hasOwn(kept, field));
}

function isSameVersion({ metadata: a }: KubeObject, { metadata: b }: KubeObject): boolean {
  return a.uid === b.uid && a.generation === b.generation;
}
