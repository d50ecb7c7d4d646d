import {
  AEAD_AES_256_GCM,
  type AEADFactory,
  CipherSuite,
  KDF_HKDF_SHA256,
  type KDFFactory,
  type KEM,
  type KEMFactory,
} from 'hpke';
import { type ValueAlgorithms, WEB_CRYPTO } from '../../value/v2.ts';
import { type Opener, openerOf } from './opener.ts';
import { runtimeKem } from './runtime-kem.ts';

/** The number of the suite in a value (docs/wire-format-v2.md §3). */
export const SUITE_NUMBER = 1;
/** Of the seed that a private key is made of. */
export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 1216;

/** The algorithms of suite 1, as whatever computes them offers them. */
export interface Suite {
  readonly hpke: CipherSuite;
  /** The KEM of `hpke` by itself. */
  readonly kem: KEM;
  readonly open: Opener;
  readonly value: ValueAlgorithms;
}

/** What computes the algorithms of suite 1. */
export interface Algorithms {
  readonly kem?: KEMFactory;
  readonly kdf?: KDFFactory;
  readonly aead?: AEADFactory;
  /** What opens after the KEM; by default HPKE with `kdf` and `aead`. */
  readonly open?: Opener;
  readonly value?: ValueAlgorithms;
}

/**
 * Suite 1: HPKE (RFC 9180) with MLKEM768-X25519 (KEM 0x647A, draft-ietf-hpke-pq), HKDF-SHA256, AES-256-GCM.
 *
 * @param algorithms what computes them; by default the runtime's Web Crypto, and JavaScript for a
 *   KEM that it does not have
 * @example
 * ```js
 * import { suiteOf } from '@fuin/crypto-core/v2';
 *
 * const { KEM } = suiteOf().hpke;
 * console.log(KEM.name, KEM.Npk); // MLKEM768-X25519 1216
 * ```
 */
export function suiteOf({
  kem = runtimeKem,
  kdf = KDF_HKDF_SHA256,
  aead = AEAD_AES_256_GCM,
  open = openerOf(kdf, aead),
  value = WEB_CRYPTO,
}: Algorithms = {}): Suite {
  const own = kem(); // one, since keys of it are used with both
  return { hpke: new CipherSuite(() => own, kdf, aead), kem: own, open, value };
}
