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
  /** Which part of a key pair of format v2 it is. */
  readonly holds: KeyPart;
  /** For a person: which key of which service it is. Asks nobody. */
  describe(): string;
  /** The public key of the part: 1,184 or 1,216 bytes. */
  publicKey(): Promise<Bytes>;
  /**
   * The secret of the part, 32 bytes, for a ciphertext of 1,088 or 1,120. A ciphertext that was not made for
   * the key gives a secret as well, which nobody else has (FIPS 203 §6.3): only what it opens tells them
   * apart. Null where the service says that it is no ciphertext. The caller zeroes the secret.
   */
  decapsulate(ciphertext: Bytes): Promise<Bytes | null>;
  close(): Promise<void>;
}

/** The ML-KEM-768 half of a key pair, or both halves: X-Wing. */
export type KeyPart = 'half' | 'whole';

/** Lengths of the KEM of each part. */
export const KEM_BYTES = {
  half: { publicKey: 1184, ciphertext: 1088 },
  whole: { publicKey: 1216, ciphertext: 1120 },
} as const satisfies Record<KeyPart, object>;
/** Of the secret that a KEM gives. */
export const SECRET_BYTES = 32;
