import type { Bytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { SealedSecret } from '../secret/resource.ts';
import { type AllowedSigner, matchesPatterns, maySignAt } from './allowed-signers.ts';
import { SIGNATURE, signedContent } from './signed-content.ts';
import { isMadeOver, parseSshSignature, type SshSignature, withoutArmor } from './ssh-signature.ts';

/**
 * What a signature is worth. `missing`: there is none. `unreadable`: it is no signature that counts.
 * `stale`: its key did not sign this content. `unknown-signer`: the content is what was signed, by a key that
 * is not allowed. `untimely-signer`: that key is allowed, but not at this time.
 */
export type SignatureState =
  | 'missing'
  | 'unreadable'
  | 'stale'
  | 'unknown-signer'
  | 'untimely-signer'
  | 'good';

/** What came of checking a signature. */
export interface SignatureCheck {
  readonly state: SignatureState;
  /** Of the allowed signer, as the file writes them; empty for none. */
  readonly principals: readonly string[];
}

/**
 * Checks the signature of a SealedSecret. Work is bounded: one signature, one key.
 *
 * @param signers of `readAllowedSigners`; undefined asks only whether the signature fits the content
 * @param principals names of people who may sign here, which the file must give to the key, like
 *   `ssh-keygen -I`; undefined lets every allowed signer sign
 * @example
 * ```js
 * import { checkSignature, parseSealedSecret } from '@fuin/crypto-core';
 *
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = parseSealedSecret({ apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata });
 * const { state } = await checkSignature(sealed, { signers: [], now: new Date() });
 * console.log(state); // missing
 * ```
 */
export async function checkSignature(
  sealedSecret: SealedSecret,
  {
    signers,
    principals,
    now,
  }: {
    readonly signers: readonly AllowedSigner[] | undefined;
    readonly principals?: readonly string[];
    readonly now: Date;
  },
): Promise<SignatureCheck> {
  const text = sealedSecret.metadata.annotations?.[SIGNATURE];
  if (text === undefined) return { state: 'missing', principals: [] };
  const signature = await judged(text, sealedSecret);
  if (typeof signature === 'string') return { state: signature, principals: [] };
  if (!signers) return { state: 'good', principals: [] };
  const known = signers.filter(
    (signer) =>
      isSame(signer.publicKey, signature.publicKey) &&
      (!principals || principals.some((name) => matchesPatterns(name, signer.principals))),
  );
  const allowed = known.find((signer) => maySignAt(signer, now));
  if (allowed) return { state: 'good', principals: allowed.principals };
  return { state: known.length > 0 ? 'untimely-signer' : 'unknown-signer', principals: [] };
}

async function judged(text: string, sealedSecret: SealedSecret): Promise<SshSignature | SignatureState> {
  try {
    const signature = parseSshSignature(text);
    return (await isMadeOver(signature, await signedContent(sealedSecret))) ? signature : 'stale';
  } catch (error) {
    if (error instanceof SealedSecretsError) return 'unreadable';
    throw error;
  }
}

/**
 * The value of the annotation SIGNATURE for what `ssh-keygen -Y sign` printed.
 *
 * @throws ERR_KEY_INVALID for what is no signature for this, or by a kind of key that does not count
 * @example
 * ```js
 * import { signatureAnnotation } from '@fuin/crypto-core';
 *
 * await signatureAnnotation('-----BEGIN SSH SIGNATURE-----', new Uint8Array()).catch(({ code }) => {
 *   console.log(code); // ERR_KEY_INVALID
 * });
 * ```
 */
export async function signatureAnnotation(armored: string, content: Bytes): Promise<string> {
  const signature = parseSshSignature(armored);
  if (!(await isMadeOver(signature, content)))
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the signature does not fit what was signed');
  return withoutArmor(armored);
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, at) => byte === right[at]);
}
