import { KEY_LABEL, type Secret } from '@fuin/crypto-core';

/** Types whose Secrets make the control plane issue credentials. */
const TOKEN_TYPES: readonly unknown[] = [
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
];

const SEALING_KEY =
  "the Secret is or would become a sealing key of a controller, with which everybody's values could be read";
const NEVER = 'a SealedSecret can neither make nor change one';

/** Where the controller's own sealing keys are, and what the one was called that came before keys had labels. */
export interface KeyHome {
  readonly namespace: string;
  readonly legacyName: string;
}

/** What a controller lets no SealedSecret make. */
export interface Prohibitions {
  readonly sealingKeys: KeyHome;
  readonly allowsTokenSecrets: boolean;
  /** Keys of other controllers, in other namespaces; never those of this one. */
  readonly allowsSealingKeys?: boolean | undefined;
}

/** Why none of these Secrets, as they are or as they would become, may be written; undefined when they may. */
export function prohibitionOf(
  secrets: readonly Secret[],
  { sealingKeys, allowsTokenSecrets, allowsSealingKeys = false }: Prohibitions,
): string | undefined {
  const type = secrets.map((secret) => secret.type).find((each) => TOKEN_TYPES.includes(each));
  if (type && !allowsTokenSecrets) {
    return `Secrets of type ${type} mint credentials: the controller refuses to write them without --allow-token-secrets`;
  }
  if (secrets.some((secret) => isOwnKey(secret, sealingKeys))) return `${SEALING_KEY}: ${NEVER}`;
  if (allowsSealingKeys || !secrets.some(isLabelledAsKey)) return undefined;
  return `${SEALING_KEY}: ${NEVER} without --allow-sealing-keys`;
}

function isOwnKey(secret: Secret, { namespace, legacyName }: KeyHome): boolean {
  const { metadata } = secret;
  return metadata.namespace === namespace && (metadata.name === legacyName || isLabelledAsKey(secret));
}

/**
 * In any namespace, since another controller may read its keys there. A label of any value is one edit away from
 * `active`.
 */
function isLabelledAsKey({ metadata }: Secret): boolean {
  return Object.hasOwn(metadata.labels ?? {}, KEY_LABEL);
}
