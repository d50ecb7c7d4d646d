import type { ChangeListener } from '@fuin/kube/cache';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import type { WorkQueue } from '@fuin/kube/workqueue';
import type { Repairs } from '../reconcile/repairs.ts';
import { secretVersion } from '../reconcile/secret/secret-store.ts';
import { isReportedSynced, isUnchanged, type LastUnseals } from '../reconcile/status/last-unseal.ts';

/** What decides whether a change needs a reconcile. */
export interface TriggerDeps {
  readonly queue: Pick<WorkQueue, 'add' | 'addAfter'>;
  readonly sealedSecrets: { get(key: ObjectKey): KubeObject | undefined };
  readonly lastUnseals: LastUnseals;
  readonly driftPolicy: 'repair' | 'warn' | 'off';
  readonly repairs: Pick<Repairs, 'delayMs' | 'forget'>;
}

/** Turns changes of SealedSecrets into work: additions, deletions, and edits of anything but the status. */
export function onSealedSecretChange({ queue }: Pick<TriggerDeps, 'queue'>): ChangeListener {
  return ({ current, previous }) => {
    if (current && previous && !isEdited(previous, current)) return;
    const key = keyOf(current ?? previous);
    if (key) queue.add(key);
  };
}

/**
 * Turns changes of Secrets into work if a SealedSecret of that name may want them to be different. The
 * controller's own write may arrive here before its reconcile has ended; the reconcile that it causes finds
 * nothing to do and counts nothing.
 */
export function onSecretChange(deps: TriggerDeps): ChangeListener {
  return ({ current, previous }) => {
    const key = keyOf(current ?? previous);
    if (!key) return;
    if (!current) deps.repairs.forget(key);
    const sealedSecret = deps.sealedSecrets.get(key);
    if (!sealedSecret) return;
    const known = deps.lastUnseals.of(key, sealedSecret);
    if (!current || !known) {
      deps.queue.add(key);
      return;
    }
    if (isUnchanged(known, secretVersion(current)) || deps.driftPolicy === 'off') return;
    deps.queue.addAfter(key, deps.repairs.delayMs(key));
  };
}

/**
 * Queues SealedSecrets whose status does not say that they are in sync: for a replica that leads again, after
 * another one may have failed and ended before it tried again.
 */
export function queueUnsynced({
  queue,
  sealedSecrets,
}: Pick<TriggerDeps, 'queue'> & { readonly sealedSecrets: { list(): Iterable<KubeObject> } }): void {
  for (const object of sealedSecrets.list()) {
    const key = keyOf(object);
    if (key && !isReportedSynced(object)) queue.add(key);
  }
}

/**
 * Queues SealedSecrets that count as done but have no Secret. For use after a list: a Secret that was created
 * and deleted while nobody watched appears in no change.
 */
export function queueMissing({
  queue,
  sealedSecrets,
  lastUnseals,
  hasSecret,
}: Pick<TriggerDeps, 'queue' | 'lastUnseals'> & {
  readonly sealedSecrets: { list(): Iterable<KubeObject> };
  readonly hasSecret: (key: ObjectKey) => boolean;
}): void {
  for (const object of sealedSecrets.list()) {
    const key = keyOf(object);
    if (key && !hasSecret(key) && lastUnseals.of(key, object)) queue.add(key);
  }
}

function isEdited(
  { metadata: before, ...rest }: KubeObject,
  { metadata: after, ...others }: KubeObject,
): boolean {
  return (
    before.uid !== after.uid ||
    before.generation !== after.generation ||
    !isSame(before.annotations, after.annotations) ||
    !isSame(before.labels, after.labels) ||
    !isSame(rest['spec'], others['spec'])
  );
}

/** Values nested too deeply to be compared count as equal: an edit also changes the generation. */
function isSame(left: unknown, right: unknown): boolean {
  try {
    return JSON.stringify(left) === JSON.stringify(right);
  } catch (error) {
    if (error instanceof RangeError) return true;
    throw error;
  }
}

function keyOf(object: KubeObject | undefined): ObjectKey | undefined {
  const { namespace, name } = object?.metadata ?? {};
  return namespace && name ? { namespace, name } : undefined;
}
