import { readXWingKey, type Suite, suiteOf, type XWingKeyPair } from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS } from '@fuin/native-hpke';

/** The algorithms of format v2, computed by OpenSSL. */
export function nativeSuite(): Suite {
  return suiteOf(NATIVE_ALGORITHMS);
}

/** The key in the `data` of a key Secret of format v2; reading it proves it. @throws ERR_KEY_INVALID */
export function readV2Key(data: Readonly<Record<string, unknown>>): Promise<XWingKeyPair> {
  return readXWingKey(data, nativeSuite());
}
