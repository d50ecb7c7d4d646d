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

/** Writes what a pass came to. */
export interface StatusWriter {
  /** `object` is what the pass worked on. @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED, ERR_CONFLICT, ERR_OBJECT_TOO_LARGE */
  write(key: ObjectKey, object: KubeObject, outcome: Outcome): Promise<void>;
}

/**
 * A writer that compares with the server's own object, never with a cached copy alone: a write against an old version is
 * refused by the server, read again and decided again. An object that changed meanwhile, or went, gets no status from
 * an outdated pass. Status is replaced, not patched: the rights of an upstream installation allow update alone. The
 * spec, which a write of the status leaves as it is, is not sent: it may be large, or nested too deeply to be written.
 * `onStored` is told whether the server kept all of it: under another CRD than ours it drops what that does not know.
 * Object and status are stored as one: where they are too large together, a small status is written.
 */
export function createStatusWriter(
  api: Pick<ApiClient, 'get' | 'replace'>,
  now: () => Date,
  onStored: (object: KubeObject, isWhole: boolean) => void = () => undefined,
): StatusWriter {
  const writeSized = async (current: KubeObject, outcome: Outcome, size: StatusSize) => {
    const status = nextStatus(current, outcome, now(), size);
    const answer = status && (await replace(api, current, status));
    if (answer instanceof SealedSecretsError) return answer;
    if (answer && status.lastUnseal) onStored(current, hasAll(answer, status.lastUnseal));
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

/** Status writers of a controller that was told not to write any. */
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
    // a conflict, or a 404 because the object went; without an answer there is nothing to decide
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
