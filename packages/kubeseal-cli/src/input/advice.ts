import {
  fitsIntoSecret,
  isItemName,
  isNamespaceName,
  isObjectName,
  leakingMetadata,
  missingForType,
  plaintextOf,
  type Scope,
  type Secret,
} from '@fuin/crypto-core';
import type { Warn } from '../invocation/warnings.ts';

const NAME_RULE = 'lower-case letters, digits, - and . are';

/**
 * What is worth a warning about one Secret that is sealed; it never quotes a value, nor a name that may be
 * one.
 */
export async function adviseOnSecret(secret: Secret, label: string, warn: Warn): Promise<void> {
  const { annotations, labels } = await leakingMetadata(secret);
  const leaks = [...annotations.map((key) => `annotation ${key}`), ...labels.map((key) => `label ${key}`)];
  const { name, namespace } = secret.metadata;
  for (const text of [
    ...leaks.map(
      (leak) => `the ${leak} holds a value of the Secret and is left out, because it would be published`,
    ),
    ...placeComplaints({ name, namespace }, 'metadata.'),
    ...itemComplaints(secret),
  ]) {
    warn(`warning: ${label}: ${text}`);
  }
}

/** Items that the type of a whole Secret asks for. */
export function adviseOnType(secret: Secret, label: string, warn: Warn): void {
  for (const text of missingForType(secret.type, plaintextOf(secret))) warn(`warning: ${label}: ${text}`);
}

/** Names under which no Secret can exist: what is sealed for them is never opened. */
export function placeComplaints(
  { name, namespace }: { readonly name: string | undefined; readonly namespace: string | undefined },
  prefix: string,
): string[] {
  const refused = (field: string, rule: string) =>
    `${prefix}${field} is not valid in Kubernetes, so nothing can open what is sealed for it: ${rule} allowed`;
  return [
    ...(name && !isObjectName(name) ? [refused('name', NAME_RULE)] : []),
    ...(namespace && !isNamespaceName(namespace)
      ? [refused('namespace', NAME_RULE.replace(' and .', ''))]
      : []),
  ];
}

function itemComplaints(secret: Secret): string[] {
  const items = plaintextOf(secret);
  const bytes = [...items.values()].reduce((sum, value) => sum + value.length, 0);
  return [
    ...[...items.keys()]
      .filter((item) => !isItemName(item))
      .map(
        (item) =>
          `the item ${item} has a name that Kubernetes refuses: letters, digits, -, _ and . are allowed`,
      ),
    ...(fitsIntoSecret(bytes) ? [] : [TOO_LARGE]),
  ];
}

/** Said where a Secret, or one value of it, is larger than the API server takes. */
export const TOO_LARGE = 'it holds more than 1 MiB, which Kubernetes refuses';

/** Warns that --scope strict is ignored. */
export function adviseOnScope(scope: Scope, who: string, warn: Warn): void {
  if (scope !== 'strict') warn(`warning: --scope strict is ignored: ${who} asks for ${scope}`);
}
