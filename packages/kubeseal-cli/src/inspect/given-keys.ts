import { KeyRing } from '@fuin/crypto-core';
import type { RecoveryKey } from '../input/recovery-keys.ts';
import type { PinnedKey } from './pinned-keys.ts';
import { keyBitsOf } from './sealing-key.ts';

/** Keys that a person gave to try, and what is known of others. */
export interface GivenKeys {
  readonly ring: KeyRing;
  readonly bits: ReadonlySet<number>;
  /** By fingerprint: `the key of clusters/b/cert.pem`. */
  readonly names: ReadonlyMap<string, string>;
  /** When given keys were retired, as far as that is known. */
  readonly retired: ReadonlyMap<string, Date>;
}

/** What recovery keys and certificates tell. */
export async function givenKeysOf(
  keys: readonly RecoveryKey[],
  certificates: readonly PinnedKey[],
): Promise<GivenKeys> {
  const bits = await Promise.all(keys.map(({ key }) => keyBitsOf(key)));
  const retired = keys.flatMap(({ key, retired: at }) => {
    const date = new Date(at);
    return Number.isNaN(date.getTime()) ? [] : [[key.id, date] as const];
  });
  return {
    ring: KeyRing.of(...keys.map(({ key }) => key)),
    bits: new Set(bits),
    names: namesOf(certificates),
    retired: new Map(retired),
  };
}

/** How messages call the keys of certificates, by fingerprint. */
export function namesOf(certificates: readonly PinnedKey[]): ReadonlyMap<string, string> {
  return new Map(certificates.map(({ name, fingerprint }) => [fingerprint, `the key of ${name}`]));
}
