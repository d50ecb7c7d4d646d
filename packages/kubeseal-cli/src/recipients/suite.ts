import { type Suite, suiteOf } from '@fuin/crypto-core/v2';
import { NATIVE_ALGORITHMS } from '@fuin/native-hpke';

/** The algorithms of format v2, computed by OpenSSL. */
export function nativeSuite(): Suite {
  return suiteOf(NATIVE_ALGORITHMS);
}
