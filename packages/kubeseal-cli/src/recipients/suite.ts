import { KEY_TYPES, printable, SealedSecretsError } from '@fuin/crypto-core';
import { readSplitKey, readXWingKey, type Suite, suiteOf, XWingKeyPair } from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS, splitDecapsulation } from '@fuin/native-hpke';

/** The algorithms of format v2, computed by OpenSSL. */
export function nativeSuite(): Suite {
  return suiteOf(NATIVE_ALGORITHMS);
}

/**
 * The key in the `data` of a key Secret of format v2; reading it proves it. Of a split key only the half that
 * is in the Secret is proven, and what it is asked to open it refuses: kubeseal asks no key service for that.
 *
 * @param type of the Secret
 * @throws ERR_KEY_INVALID
 */
export async function readV2Key(
  data: Readonly<Record<string, unknown>>,
  type: unknown = KEY_TYPES.xWing,
): Promise<XWingKeyPair> {
  if (type !== KEY_TYPES.split) return readXWingKey(data, nativeSuite());
  const { publicKey, curveKey, keyService } = readSplitKey(data);
  const refuse = () =>
    Promise.reject(
      new SealedSecretsError(
        'ERR_KEY_SERVICE_REJECTED',
        `a part of a sealing key is in ${printable(keyService)}: only the controller opens values with it`,
      ),
    );
  const isWhole = splitDecapsulation(curveKey, publicKey, refuse) !== null;
  curveKey.fill(0);
  if (isWhole) return XWingKeyPair.heldBy(refuse, publicKey, nativeSuite());
  throw new SealedSecretsError('ERR_KEY_INVALID', 'x25519-key does not belong to public-key');
}
