import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { GaveWay, isTransient } from './status/failures.ts';
import type { Outcome } from './status/status.ts';
import type { StatusWriter } from './status/status-writer.ts';
import { type InLineDeps, type Pass, syncSecret } from './sync-secret.ts';

/** What a pass works with. */
export interface ReconcileDeps extends InLineDeps {
  readonly sealedSecrets: { get(key: ObjectKey): KubeObject | undefined };
  readonly statuses: StatusWriter;
  /** `--old-gc-behavior` */
  readonly deletesOrphans: boolean;
  /** Passing troubles are told to nobody before this many retries failed. */
  readonly maxFastRetries: number;
}

/**
 * Brings one Secret in line with its SealedSecret. Reads the world, never the event. Throws what the worker retries by.
 *
 * @param retries how often in a row the object came back
 */
export async function reconcile(key: ObjectKey, deps: ReconcileDeps, retries = 0): Promise<void> {
  const object = deps.sealedSecrets.get(key);
  if (!object) return cleanUp(key, deps);
  if (object.metadata.deletionTimestamp) return; // whatever is made now, the garbage collector is about to delete
  const outcome = await attempt(key, object, deps);
  if ('failure' in outcome && outcome.failure instanceof GaveWay) throw outcome.failure;
  if ('failure' in outcome && isEndOfNamespace(outcome.failure)) return; // as with its own deletion
  const isTold = isNews(outcome, retries < deps.maxFastRetries);
  if (isTold) deps.reporter.report(object, outcome);
  if ('failure' in outcome) {
    deps.observations.noteFailure(key);
    if (isTold) await writeStatus(key, object, outcome, deps);
    throw outcome.failure;
  }
  deps.observations.note(key, outcome.observation); // first: a status that is not written costs no second opening
  if (isTold || deps.observations.isUntold(key)) await writeStatus(key, object, outcome, deps);
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

/** What passes by itself is told to nobody at first: dashboards would flap. */
function isNews(outcome: Pass | { readonly failure: unknown }, isRetriedSoon: boolean): boolean {
  return 'failure' in outcome ? !(isRetriedSoon && isTransient(outcome.failure)) : outcome.isNews;
}

async function writeStatus(
  key: ObjectKey,
  object: KubeObject,
  outcome: Outcome,
  { statuses, reporter, observations }: ReconcileDeps,
): Promise<void> {
  try {
    await statuses.write(key, object, outcome);
    observations.noteStatus(key, true);
  } catch (error) {
    reporter.reportStatusFailure(object, error);
    const isTooLarge = error instanceof SealedSecretsError && error.code === 'ERR_OBJECT_TOO_LARGE';
    observations.noteStatus(key, isTooLarge);
    if (isTooLarge) return; // not even a small one fits, until the object changes
    throw ofStatus(error); // also where the pass itself failed for good: a status that is not written must be tried again
  }
}

/** The same failure, with the word that it was the status: the retry that logs it does not know what was written. */
function ofStatus(error: unknown): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  return new SealedSecretsError(error.code, `error updating status: ${error.message}`, {
    cause: error.cause,
  });
}

/** The SealedSecret is gone. Its Secret goes by owner reference; `--old-gc-behavior` deletes it here, if it was owned. */
async function cleanUp(
  key: ObjectKey,
  { observations, repairs, secrets, deletesOrphans, readSealedSecret }: ReconcileDeps,
): Promise<void> {
  observations.forget(key);
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
  const live = await readSealedSecret(key); // a list from the past may not have shown it
  if (live?.metadata.uid !== owner.uid) await secrets.delete(secret);
}
