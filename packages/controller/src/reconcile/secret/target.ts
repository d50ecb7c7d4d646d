import { ANNOTATIONS, type SealedSecret, type Secret } from '@fuin/crypto-core';
import type { Additions } from '../../config/config.ts';
import { isControlledBy, isMarked, nextOwners, WRITTEN_FOR } from './ownership.ts';
import { mergedTexts } from './written.ts';

/** What a Secret must become, and for which SealedSecret. */
export interface TargetRequest {
  readonly sealedSecret: SealedSecret;
  /** The Secret as the SealedSecret says, with owner reference. */
  readonly desired: Secret;
  readonly additions?: Additions | undefined;
}

/**
 * Annotations that decide who may write a Secret. A template must not add them to a Secret that it does not
 * own.
 */
const STEERING: readonly string[] = [ANNOTATIONS.managed, ANNOTATIONS.skipSetOwnerReferences];

const FIELDS = ['labels', 'annotations'] as const;

/** The Secret to create, or to write in place of the live one. Pure. */
export function targetOf(request: TargetRequest, actual: Secret | undefined): Secret {
  const { sealedSecret, desired } = request;
  const whole = withAdditions(desired, request.additions);
  if (!actual) return whole;
  if (!isMarked(actual, ANNOTATIONS.patch)) return replaced(sealedSecret, actual, whole);
  const isGuest = isOnlyGuest(sealedSecret, actual);
  return patched(sealedSecret, actual, isGuest ? asGuest(desired) : without(whole, [WRITTEN_FOR]));
}

/** Whether the live Secret lacks an addition, or has it with another value. Decrypts nothing. */
export function lacksAdditions(
  { sealedSecret, additions }: Pick<TargetRequest, 'sealedSecret' | 'additions'>,
  actual: Secret,
): boolean {
  if (!additions || isOnlyGuest(sealedSecret, actual)) return false;
  const template = sealedSecret.spec.template?.metadata;
  return FIELDS.some((field) =>
    Object.entries(additions[field]).some(
      ([name, value]) => actual.metadata[field]?.[name] !== (template?.[field]?.[name] ?? value),
    ),
  );
}

/** Whether the Secret belongs to somebody else, who only lets items be added to it. */
function isOnlyGuest(sealedSecret: SealedSecret, actual: Secret): boolean {
  const isOwn = isControlledBy(actual, sealedSecret) || isMarked(actual, ANNOTATIONS.managed);
  return isMarked(actual, ANNOTATIONS.patch) && !isOwn;
}

/**
 * Upstream's `patch`: only what the SealedSecret names changes. The owner is set only if the Secret is also
 * marked as managed by its present owner; a mark in the template does not count.
 */
function patched(sealedSecret: SealedSecret, actual: Secret, desired: Secret): Secret {
  const merged = {
    ...actual.metadata,
    labels: { ...actual.metadata.labels, ...desired.metadata.labels },
    annotations: { ...actual.metadata.annotations, ...desired.metadata.annotations },
  };
  const isManaged = merged.annotations[ANNOTATIONS.managed] === 'true';
  const wanted = desired.metadata.ownerReferences ?? [];
  return {
    ...actual,
    type: desired.type ?? typeOf(actual),
    metadata: isManaged ? { ...merged, ownerReferences: nextOwners(sealedSecret, actual, wanted) } : merged,
    data: { ...actual.data, ...desired.data },
  };
}

/**
 * Data is replaced as a whole. Of labels and annotations, those that the controller wrote are replaced, or
 * all of them if it never wrote the Secret. `immutable` and the rest of the metadata stay.
 */
function replaced(sealedSecret: SealedSecret, actual: Secret, desired: Secret): Secret {
  const ownerReferences = nextOwners(sealedSecret, actual, desired.metadata.ownerReferences ?? []);
  const metadata = { ...actual.metadata, ...mergedTexts(actual, desired.metadata), ownerReferences };
  return { ...actual, type: desired.type ?? typeOf(actual), metadata, data: desired.data ?? {} };
}

function withAdditions(secret: Secret, additions: Additions | undefined): Secret {
  const metadata = { ...secret.metadata };
  for (const field of FIELDS) {
    const texts = { ...additions?.[field], ...metadata[field] };
    if (Object.keys(texts).length > 0) metadata[field] = texts;
  }
  return { ...secret, metadata };
}

function asGuest(secret: Secret): Secret {
  return without(secret, [...STEERING, WRITTEN_FOR]);
}

function without({ metadata, ...secret }: Secret, names: readonly string[]): Secret {
  const kept = Object.entries(metadata.annotations ?? {}).filter(([name]) => !names.includes(name));
  return { ...secret, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
}

/** The API server stores an absent type as Opaque. */
export function typeOf({ type }: Secret): string {
  return type || 'Opaque';
}
