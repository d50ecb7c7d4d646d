import type { SealedSecret } from '@fuin/crypto-core';
import { withPlace } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import { signerOf, withSignature } from '../access/signature/signer.ts';

/**
 * SealedSecrets with the signature of --sign. One is signed after the other, since a key may ask for its
 * passphrase each time. Loaded with the first key that signs: it runs a program.
 *
 * @param labels how messages call each
 * @throws the errors of the signer
 */
export async function signSealed(
  sealed: readonly SealedSecret[],
  labels: readonly string[],
  { signingKey, io }: Pick<Invocation, 'signingKey' | 'io'>,
): Promise<readonly SealedSecret[]> {
  const signer = signerOf(signingKey, io);
  if (!signer) return sealed;
  const signed: SealedSecret[] = [];
  for (const [index, each] of sealed.entries()) {
    const made = await withSignature(each, signer).catch((error: unknown) => {
      throw withPlace(error, labels[index] ?? '');
    });
    signed.push(made);
  }
  return signed;
}
