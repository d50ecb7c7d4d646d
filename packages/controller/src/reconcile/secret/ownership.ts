import {
  ANNOTATIONS,
  GROUP,
  KIND,
  type OwnerReference,
  type SealedSecret,
  type Secret,
} from '@fuin/crypto-core';

/**
 * Annotation of Secrets that have no owner because their template asks for none: namespace and name of the
 * SealedSecret that they were written for. Never taken from a template.
 */
export const WRITTEN_FOR = 'sealedsecrets.bitnami.com/written-for';

/** The value of the annotation for this SealedSecret. */
export function writtenFor({ metadata }: Pick<SealedSecret, 'metadata'>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Whether the Secret has a mark with the only value that counts. */
export function isMarked({ metadata }: Secret, annotation: string): boolean {
  return metadata.annotations?.[annotation] === 'true';
}

/** Whether this exact SealedSecret controls the Secret. */
export function isControlledBy(secret: Secret, { metadata }: SealedSecret): boolean {
  return controllerOf(secret)?.uid === metadata.uid;
}

/**
 * Whether the SealedSecret may write the Secret: it controls it; or a deleted SealedSecret of the same name
 * did, for example before a restore; or an annotation on the Secret allows it. The content of the Secret is
 * never a reason: that would tell a guesser that the guess is right.
 */
export function mayWrite(sealedSecret: SealedSecret, secret: Secret): boolean {
  return (
    isControlledBy(secret, sealedSecret) ||
    wasWrittenForNamesake(sealedSecret, secret) ||
    isMarked(secret, ANNOTATIONS.managed) ||
    isMarked(secret, ANNOTATIONS.patch)
  );
}

/**
 * The owner references to write. Those that others added stay: if OwnerReferencesPermissionEnforcement is on,
 * a change needs the right to delete the Secret, and a new value must not depend on that right. A Secret that
 * may be written only because of its mark is taken over completely, like upstream does.
 */
export function nextOwners(
  sealedSecret: SealedSecret,
  actual: Secret,
  wanted: readonly OwnerReference[],
): readonly OwnerReference[] {
  const owners = actual.metadata.ownerReferences ?? [];
  const isControlled = isControlledBy(actual, sealedSecret);
  if (isControlled && wanted.length > 0) return owners;
  if (!isControlled && !wasWrittenForNamesake(sealedSecret, actual)) return wanted;
  return [...owners.filter((owner) => !isNamesake(owner, sealedSecret)), ...wanted];
}

function wasWrittenForNamesake(sealedSecret: SealedSecret, secret: Secret): boolean {
  const controller = controllerOf(secret);
  if (controller) return isNamesake(controller, sealedSecret);
  return secret.metadata.annotations?.[WRITTEN_FOR] === writtenFor(sealedSecret);
}

function isNamesake({ apiVersion, kind, name }: OwnerReference, { metadata }: SealedSecret): boolean {
  return apiVersion.startsWith(`${GROUP}/`) && kind === KIND && name === metadata.name;
}

function controllerOf({ metadata }: Secret): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}
