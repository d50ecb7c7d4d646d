import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_MLKEM768_X25519, type KEMFactory } from 'hpke';

/** The number of the suite in a value (docs/wire-format-v2.md §3). */
export const SUITE_NUMBER = 1;
/** Of the seed that a private key is made of. */
export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 1216;

/** The algorithms of suite 1, as whatever computes them offers them. */
export type Suite = CipherSuite;

/**
 * HPKE (RFC 9180) of suite 1: MLKEM768-X25519 (KEM 0x647A, draft-ietf-hpke-pq), HKDF-SHA256, AES-256-GCM.
 *
 * @param kem what computes the KEM; by default the runtime's Web Crypto
 * @example
 * ```js
 * import { suiteOf } from '@fuin/crypto-core/v2';
 *
 * console.log(suiteOf().KEM.name, suiteOf().KEM.Npk); // MLKEM768-X25519 1216
 * ```
 */
export function suiteOf(kem: KEMFactory = KEM_MLKEM768_X25519): Suite {
  return new CipherSuite(kem, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}
