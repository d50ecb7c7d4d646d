import { KEY_TYPES, printable, SealedSecretsError } from '@fuin/crypto-core';
import {
  readHeldKey,
  readSplitKey,
  readXWingKey,
  type Suite,
  suiteOf,
  XWingKeyPair,
} from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS, splitDecapsulation } from '@fuin/native-hpke';

/** The algorithms of format v2, computed by OpenSSL; by Web Crypto and JavaScript where that lacks ML-KEM. */
export function nativeSuite(openssl: string = process.versions.openssl): Suite {
  return hasKem(openssl) ? suiteOf(NATIVE_ALGORITHMS) : suiteOf();
}

/** OpenSSL has ML-KEM since 3.5. Electron, in which editors run, has BoringSSL instead and says 0.0.0. */
function hasKem(openssl: string): boolean {
  const [major = 0, minor = 0] = openssl.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 5);
}

/**
 * The key in the `data` of a key Secret of format v2; reading it proves it. Of a key that needs a key
 * service, only the half that is in the Secret is proven, if there is one, and what it is asked to open it
 * refuses: kubeseal asks no key service for that.
 *
 * @param type of the Secret
 * @throws ERR_KEY_INVALID
 */
export async function readV2Key(
  data: Readonly<Record<string, unknown>>,
  type: unknown = KEY_TYPES.xWing,
): Promise<XWingKeyPair> {
  if (type === KEY_TYPES.held) {
    const { publicKey, keyService } = readHeldKey(data);
    return XWingKeyPair.heldBy(() => refuse(keyService), publicKey, nativeSuite());
  }
  if (type === KEY_TYPES.split) return readSplit(data);
  return readXWingKey(data, nativeSuite());
}

async function readSplit(data: Readonly<Record<string, unknown>>): Promise<XWingKeyPair> {
  const { publicKey, curveKey, keyService } = readSplitKey(data);
  const decapsulate = splitDecapsulation(curveKey, publicKey, () => refuse(keyService));
  curveKey.fill(0);
  if (decapsulate) return XWingKeyPair.heldBy(decapsulate, publicKey, nativeSuite());
  throw new SealedSecretsError('ERR_KEY_INVALID', 'x25519-key does not belong to public-key');
}

function refuse(keyService: string): Promise<never> {
  return Promise.reject(
    new SealedSecretsError(
      'ERR_KEY_SERVICE_REJECTED',
      `a sealing key needs ${printable(keyService)}: only the controller opens values with it`,
    ),
  );
}
