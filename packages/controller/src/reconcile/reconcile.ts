import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { GaveWay, isTransient } from './status/failures.ts';
import type { Outcome } from './status/status.ts';
import type { StatusWriter } from './status/status-writer.ts';
import { type Pass, type SyncDeps, syncSecret } from './sync-secret.ts';

/** What a reconcile works with. */
export interface ReconcileDeps extends SyncDeps {
  readonly sealedSecrets: { get(key: ObjectKey): KubeObject | undefined };
  readonly statuses: StatusWriter;
  /** `--old-gc-behavior` */
  readonly deletesOrphans: boolean;
  /** Transient failures are not reported before this many retries failed. */
  readonly maxFastRetries: number;
}

/**
 * Brings one Secret in sync with its SealedSecret. Reads the world, never the event. Throws the error by
 * which the worker decides on a retry.
 *
 * @param retries how often in a row the object came back
 */
export async function reconcile(key: ObjectKey, deps: ReconcileDeps, retries = 0): Promise<void> {
  const object = deps.sealedSecrets.get(key);
  if (!object) return cleanUp(key, deps);
  // the garbage collector is about to delete whatever is created now
  if (object.metadata.deletionTimestamp) return;
  const outcome = await attempt(key, object, deps);
  if ('failure' in outcome && outcome.failure instanceof GaveWay) throw outcome.failure;
  if ('failure' in outcome && isEndOfNamespace(outcome.failure)) return; // like its own deletion
  const isTold = isNews(outcome, retries < deps.maxFastRetries);
  if (isTold) deps.reporter.report(object, outcome);
  if ('failure' in outcome) {
    deps.lastUnseals.noteFailure(key, object);
    if (isTold) await writeStatus(key, object, outcome, deps);
    throw outcome.failure;
  }
  // before the status: a status that cannot be written must not cost a second decryption
  deps.lastUnseals.note(key, outcome.observation);
  if (isTold || deps.lastUnseals.isUntold(key)) await writeStatus(key, object, outcome, deps);
}

function isEndOfNamespace(failure: unknown): boolean {
  return failure instanceof SealedSecretsError && failure.code === 'ERR_NAMESPACE_TERMINATING';
}

async function attempt(
  key: ObjectKey,
  object: KubeObject,
  deps: ReconcileDeps,
): Promise<Pass | { readonly failure: unknown }> {
  try {
    return await syncSecret(key, object, deps);
  } catch (failure) {
    return { failure };
  }
}

/** Transient failures are not reported at first: dashboards would flap. */
function isNews(outcome: Pass | { readonly failure: unknown }, isRetriedSoon: boolean): boolean {
  return 'failure' in outcome ? !(isRetriedSoon && isTransient(outcome.failure)) : outcome.isNews;
}

async function writeStatus(
  key: ObjectKey,
  object: KubeObject,
  outcome: Outcome,
  { statuses, reporter, lastUnseals }: ReconcileDeps,
): Promise<void> {
  try {
    await statuses.write(key, object, outcome);
    lastUnseals.noteStatus(key, true);
  } catch (error) {
    reporter.reportStatusFailure(object, error);
    const isTooLarge = error instanceof SealedSecretsError && error.code === 'ERR_OBJECT_TOO_LARGE';
    lastUnseals.noteStatus(key, isTooLarge);
    if (isTooLarge) return; // not even a small status fits until the object changes
    // even if the reconcile failed permanently: an unwritten status must be tried again
    throw ofStatus(error);
  }
}

/**
 * The same failure, with a note that it concerns the status: the retry that logs it does not know what was
 * written.
 */
function ofStatus(error: unknown): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  return new SealedSecretsError(error.code, `error updating status: ${error.message}`, {
    cause: error.cause,
  });
}

/**
 * The SealedSecret was deleted. Kubernetes deletes its Secret by owner reference; with `--old-gc-behavior`
 * the controller deletes it here, if the SealedSecret owned it.
 */
async function cleanUp(
  key: ObjectKey,
  { lastUnseals, repairs, signers, secrets, deletesOrphans, readSealedSecret }: ReconcileDeps,
): Promise<void> {
  signers?.forget(key);
  lastUnseals.forget(key);
  repairs.forget(key);
  if (!deletesOrphans) return;
  const secret = await secrets.read(key);
  const owner = secret?.metadata.ownerReferences?.find(
    ({ controller, apiVersion, kind, name }) =>
      controller === true &&
      apiVersion.startsWith('bitnami.com/') &&
      kind === 'SealedSecret' &&
      name === key.name,
  );
  if (!secret || !owner) return;
  const live = await readSealedSecret(key); // an outdated list may not have shown it
  if (live?.metadata.uid !== owner.uid) await secrets.delete(secret);
}
