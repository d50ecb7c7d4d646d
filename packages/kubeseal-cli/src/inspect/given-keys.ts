import { KeyRing } from '@fuin/crypto-core';
import type { RecoveryKey } from '../input/recovery-keys.ts';
import { keyBitsOf } from './sealing-key.ts';

/** Keys that a person gave to try, and what is known of others. */
export interface GivenKeys {
  readonly ring: KeyRing;
  readonly bits: ReadonlySet<number>;
  /** By fingerprint: `the key of clusters/b/cert.pem`. */
  readonly names: ReadonlyMap<string, string>;
}

/** What recovery keys and certificates tell. */
export async function givenKeysOf(
  keys: readonly RecoveryKey[],
  certificates: readonly { readonly file: string; readonly fingerprint: string }[],
): Promise<GivenKeys> {
  const bits = await Promise.all(keys.map(({ key }) => keyBitsOf(key)));
  const names = certificates.map(({ file, fingerprint }) => [fingerprint, `the key of ${file}`] as const);
  return { ring: KeyRing.of(...keys.map(({ key }) => key)), bits: new Set(bits), names: new Map(names) };
}
