import { ANNOTATIONS, SealedSecretsError, type Secret } from '@fuin/crypto-core';
import { isMarked, mayWrite, WRITTEN_FOR } from './ownership.ts';
import { type Prohibition, type Prohibitions, prohibitionOf } from './prohibitions.ts';
import { type TargetRequest, targetOf, typeOf } from './target.ts';

/** What to do about one Secret. */
export type Action =
  | { readonly kind: 'create'; readonly secret: Secret }
  | { readonly kind: 'update'; readonly secret: Secret }
  | { readonly kind: 'none' }
  | { readonly kind: 'refuse'; readonly check: PlanCheck; readonly error: SealedSecretsError };

/** Name of a check that a Secret must pass before it is written. */
export type PlanCheck = Prohibition | 'not-owned' | 'type-fixed' | 'data-immutable';

/** What a plan depends on. */
export interface PlanRequest extends Prohibitions, TargetRequest {
  /** The live Secret. */
  readonly actual: Secret | undefined;
  /**
   * True if this exact SealedSecret was applied before, so that a difference is the work of something else.
   * Then labels, annotations and owner references that others added stay, and only the controller's own are
   * compared.
   */
  readonly isSettled: boolean;
}

/** Decides how to bring the live Secret in sync. Pure. */
export function planSecret(request: PlanRequest): Action {
  const { desired, actual } = request;
  const prohibition = prohibitionOf(actual ? [desired, actual] : [desired], request);
  if (prohibition) return refuse(prohibition.check, 'ERR_SECRET_TYPE_FORBIDDEN', prohibition.message);
  const target = targetOf(request, actual);
  if (!actual) return { kind: 'create', secret: target };
  const isSame = request.isSettled ? covers(actual, target) : equals(actual, target);
  if (isSame) return { kind: 'none' }; // nothing is written, so no permission is needed
  if (!mayWrite(request.sealedSecret, actual)) {
    return isLeftByUpstream(request, actual) ? { kind: 'none' } : refuseForeign(actual);
  }
  return refuseFixed(actual, target) ?? { kind: 'update', secret: target };
}

function equals(actual: Secret, target: Secret): boolean {
  return (
    hasSameContent(actual, target) &&
    isSameMap(actual.metadata.labels, target.metadata.labels) &&
    isSameMap(actual.metadata.annotations, target.metadata.annotations) &&
    ownersText(actual) === ownersText(target)
  );
}

/**
 * Whether the live Secret has everything of the target. Additions to its metadata do not count as a
 * difference.
 */
function covers(actual: Secret, target: Secret): boolean {
  const owners = actual.metadata.ownerReferences ?? [];
  return (
    hasSameContent(actual, target) &&
    hasAll(actual.metadata.labels, target.metadata.labels) &&
    hasAll(actual.metadata.annotations, target.metadata.annotations) &&
    (target.metadata.ownerReferences ?? []).every(({ uid }) => owners.some((owner) => owner.uid === uid))
  );
}

/**
 * Whether upstream, which sets no mark, created the Secret without owner for this exact version. It is left
 * as it is, whatever it holds: a comparison would tell a guesser whether the guess is right. Its next value
 * needs permission.
 */
function isLeftByUpstream({ isSettled, desired }: PlanRequest, actual: Secret): boolean {
  const isLoose = (secret: Secret) => isMarked(secret, ANNOTATIONS.skipSetOwnerReferences);
  const hasMark = actual.metadata.annotations?.[WRITTEN_FOR] !== undefined;
  return (
    isSettled && isLoose(desired) && isLoose(actual) && !hasMark && !actual.metadata.ownerReferences?.length
  );
}

function hasSameContent(actual: Secret, target: Secret): boolean {
  return typeOf(actual) === typeOf(target) && isSameMap(actual.data, target.data);
}

type Texts = Readonly<Record<string, string>>;

function isSameMap(left: Texts = {}, right: Texts = {}): boolean {
  return Object.keys(left).length === Object.keys(right).length && hasAll(left, right);
}

function hasAll(all: Texts = {}, some: Texts = {}): boolean {
  return Object.entries(some).every(([key, value]) => Object.hasOwn(all, key) && all[key] === value);
}

function ownersText({ metadata }: Secret): string {
  const owners = (metadata.ownerReferences ?? []).map((owner) => [
    owner.apiVersion,
    owner.kind,
    owner.name,
    owner.uid,
    owner.controller ?? false,
  ]);
  return JSON.stringify(owners);
}

/** What no update can change. The API server would refuse it too, but without saying what to do. */
function refuseFixed(actual: Secret, target: Secret): Action | undefined {
  if (typeOf(actual) !== typeOf(target)) {
    const change = `from ${typeOf(actual)} to ${typeOf(target)}`;
    return refuse(
      'type-fixed',
      'ERR_SECRET_IMMUTABLE',
      `${errorUpdating(actual)}the type of a Secret cannot be changed ${change}. You can only delete and recreate the Secret.`,
    );
  }
  if (!actual.immutable || isSameMap(actual.data, target.data)) return undefined;
  return refuse(
    'data-immutable',
    'ERR_SECRET_IMMUTABLE',
    `${errorUpdating(actual)}the target Secret is immutable. Once a Secret is marked as immutable, it is not possible to revert this change nor to mutate the contents of the data field. You can only delete and recreate the Secret.`,
  );
}

function errorUpdating({ metadata }: Secret): string {
  return `Error updating ${metadata.namespace}/${metadata.name}: `;
}

function refuseForeign({ metadata }: Secret): Action {
  const name = JSON.stringify(metadata.name);
  return refuse(
    'not-owned',
    'ERR_SECRET_NOT_OWNED',
    `failed update: Resource ${name} already exists and is not managed by SealedSecret`,
  );
}

function refuse(check: PlanCheck, code: SealedSecretsError['code'], message: string): Action {
  return { kind: 'refuse', check, error: new SealedSecretsError(code, message) };
}
