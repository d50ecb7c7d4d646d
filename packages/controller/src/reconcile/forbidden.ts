import { KEY_LABEL, type Secret } from '@fuin/crypto-core';

/** Types whose Secrets make the control plane issue credentials. */
const TOKEN_TYPES: readonly unknown[] = [
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
];

/** Where the controller's own sealing keys are, and what the one was called that came before keys had labels. */
export interface KeyHome {
  readonly namespace: string;
  readonly legacyName: string;
}

/** What a controller lets no SealedSecret make. */
export interface Prohibitions {
  readonly keyHome: KeyHome;
  readonly allowsTokenSecrets: boolean;
}

/** Why none of these Secrets, as they are or as they would become, may be written; undefined when they may. */
export function prohibitionOf(
  secrets: readonly Secret[],
  { keyHome, allowsTokenSecrets }: Prohibitions,
): string | undefined {
  const type = secrets.map((secret) => secret.type).find((each) => TOKEN_TYPES.includes(each));
  if (type && !allowsTokenSecrets) {
    return `Secrets of type ${type} mint credentials: the controller refuses to write them without --allow-token-secrets`;
  }
  if (!secrets.some((secret) => isSealingKey(secret, keyHome))) return undefined;
  return "the Secret is or would become a sealing key of the controller, with which everybody's values could be read: a SealedSecret can neither make nor change one";
}

/** Keys are read from the controller's own namespace only; a label of any value is one edit away from `active`. */
function isSealingKey({ metadata }: Secret, { namespace, legacyName }: KeyHome): boolean {
  if (metadata.namespace !== namespace) return false;
  return metadata.name === legacyName || Object.hasOwn(metadata.labels ?? {}, KEY_LABEL);
}
