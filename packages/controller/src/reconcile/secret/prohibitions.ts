import { KEY_LABEL, KEY_TYPES, SEALING_KEY_LABEL, type Secret } from '@fuin/crypto-core';

/** Types whose Secrets make the control plane issue credentials. */
const TOKEN_TYPES: readonly unknown[] = [
  'kubernetes.io/service-account-token',
  'bootstrap.kubernetes.io/token',
];

const SEALING_KEY = 'a SealedSecret may not create or change a sealing key';
const BECAUSE = "its author could read everyone's values";

/** Where the controller's own sealing keys are, and the name of the key from before keys had labels. */
export interface KeyHome {
  readonly namespace: string;
  readonly legacyName: string;
}

/** Name of a check that a Secret did not pass. */
export type Prohibition = 'token-type' | 'own-sealing-key' | 'other-sealing-key';

/** What no SealedSecret may create. */
export interface Prohibitions {
  readonly sealingKeys: KeyHome;
  readonly allowsTokenSecrets: boolean;
  /** Keys of other controllers, in other namespaces; never those of this one. */
  readonly allowsSealingKeys?: boolean | undefined;
}

/** Why none of these Secrets, as they are or as they would become, may be written; undefined if they may. */
export function prohibitionOf(
  secrets: readonly Secret[],
  { sealingKeys, allowsTokenSecrets, allowsSealingKeys = false }: Prohibitions,
): { readonly check: Prohibition; readonly message: string } | undefined {
  const type = secrets.map((secret) => secret.type).find((each) => TOKEN_TYPES.includes(each));
  if (type && !allowsTokenSecrets) {
    const message = `Secrets of type ${type} mint credentials: the controller refuses to write them without --allow-token-secrets`;
    return { check: 'token-type', message };
  }
  if (secrets.some((secret) => isOwnKey(secret, sealingKeys)))
    return { check: 'own-sealing-key', message: `${SEALING_KEY}: ${BECAUSE}` };
  if (allowsSealingKeys || !secrets.some(isMarkedAsKey)) return undefined;
  return {
    check: 'other-sealing-key',
    message: `${SEALING_KEY} without --allow-sealing-keys: ${BECAUSE}`,
  };
}

function isOwnKey(secret: Secret, { namespace, legacyName }: KeyHome): boolean {
  const { metadata } = secret;
  return metadata.namespace === namespace && (metadata.name === legacyName || isMarkedAsKey(secret));
}

/**
 * In any namespace, because another controller may read its keys there. A label with any value is one edit
 * away from `active`, and a type of sealing keys is one label away.
 */
function isMarkedAsKey({ metadata, type = '' }: Secret): boolean {
  const isLabelled = [KEY_LABEL, SEALING_KEY_LABEL].some((label) =>
    Object.hasOwn(metadata.labels ?? {}, label),
  );
  return isLabelled || Object.values<string>(KEY_TYPES).includes(type);
}
