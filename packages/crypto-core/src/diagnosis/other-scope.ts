import { decodeBase64 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { SealedSecret } from '../secret/resource.ts';
import { encryptionLabel, type Scope, scopeOf } from '../secret/scope.ts';
import { type Envelope, parseEnvelope } from '../value/format-table.ts';
import type { KeyRing } from '../value/key-ring.ts';

/** How many keys are tried for each scope, the newest first. */
const MAX_KEYS = 8;

/**
 * The scope under which one item opens, if it is not that of the object. It only tries the other scopes of
 * this very name and namespace: anyone who may write the object could try them all by its annotations, so the
 * answer tells nothing new. The plaintext is dropped at once. At most 16 keys are asked.
 *
 * @returns undefined where none of them opens it
 * @throws whatever a key rejects with
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, otherScopeOf, parseSecret, sealSecret } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const metadata = { namespace: 'shop', name: 'db' };
 * const secret = parseSecret({ metadata, stringData: { password: 'hunter2' } });
 * const sealed = await sealSecret(secret, pair, 'cluster-wide');
 *
 * const lost = { ...sealed, metadata }; // without its annotation
 * console.log(await otherScopeOf(lost, 'password', KeyRing.of(pair))); // cluster-wide
 * ```
 */
export async function otherScopeOf(
  { metadata, spec: { encryptedData } }: SealedSecret,
  item: string,
  keyRing: KeyRing,
): Promise<Scope | undefined> {
  const envelope = envelopeOf(Object.hasOwn(encryptedData, item) ? (encryptedData[item] ?? '') : '');
  if (!envelope) return undefined;
  const own = scopeOf(metadata.annotations);
  const keys = keyRing.candidates(envelope).slice(0, MAX_KEYS);
  const scopes: readonly Scope[] = ['strict', 'namespace-wide', 'cluster-wide'];
  for (const scope of scopes.filter((each) => each !== own)) {
    const label = encryptionLabel(scope, metadata.namespace ?? '', metadata.name ?? '');
    for (const key of keys) {
      const plaintext = await key.open(envelope, label, item);
      plaintext?.fill(0);
      if (plaintext) return scope;
    }
  }
  return undefined;
}

function envelopeOf(value: string): Envelope | undefined {
  try {
    return parseEnvelope(decodeBase64(value));
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}
