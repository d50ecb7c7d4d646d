import type { Bytes } from '@fuin/crypto-core';

/**
 * A private key of a key service that takes part in opening values of format v2, and never leaves the
 * service. One call takes 10 seconds at most, credentials included, and is never repeated here.
 *
 * Every method rejects with ERR_KEY_SERVICE_UNAVAILABLE where the service does not answer or says that it
 * cannot now, and with ERR_KEY_SERVICE_REJECTED where it refuses. Messages hold no secret, no token, and
 * nothing that the service said.
 */
export interface Decapsulator {
  /** As the flag and the key Secrets name it, such as `aws-kms:arn:aws:kms:...:key/...`. */
  readonly name: string;
  /** For a person: which key of which service it is. Asks nobody. */
  describe(): string;
  /** The public key of ML-KEM-768: 1,184 bytes. */
  publicKey(): Promise<Bytes>;
  /**
   * The secret of ML-KEM-768, 32 bytes, for a ciphertext of 1,088. A ciphertext that was not made for the key
   * gives a secret as well, which nobody else has (FIPS 203 §6.3): only what it opens tells them apart. Null
   * where the service says that it is no ciphertext. The caller zeroes the secret.
   */
  decapsulate(ciphertext: Bytes): Promise<Bytes | null>;
  close(): Promise<void>;
}

/** Of a public key of ML-KEM-768. */
export const PUBLIC_KEY_BYTES = 1184;
/** Of the secret that a KEM gives. */
export const SECRET_BYTES = 32;
