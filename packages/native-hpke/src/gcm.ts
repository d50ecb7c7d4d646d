import { createCipheriv, createDecipheriv } from 'node:crypto';

type Bytes = Uint8Array<ArrayBuffer>;

const CIPHER = 'aes-256-gcm';
export const TAG_BYTES = 16;

/** A key of 32 bytes, and what goes with it. */
export interface GcmInput {
  readonly key: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  /** Additional data; none if it is left out. */
  readonly aad?: Uint8Array;
}

/** AES-256-GCM (NIST SP 800-38D), with the tag at the end. */
export function encryptGcm(plaintext: Uint8Array, { key, nonce, aad }: GcmInput): Bytes {
  const cipher = createCipheriv(CIPHER, key, nonce);
  if (aad) cipher.setAAD(aad);
  return Uint8Array.from(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
}

/**
 * The plaintext; null where the tag does not fit.
 *
 * @throws Error for what is shorter than a tag
 */
export function decryptGcm(ciphertext: Uint8Array, { key, nonce, aad }: GcmInput): Bytes | null {
  const end = ciphertext.length - TAG_BYTES;
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  if (aad) decipher.setAAD(aad);
  decipher.setAuthTag(ciphertext.subarray(end));
  const plaintext = decipher.update(ciphertext.subarray(0, end));
  try {
    decipher.final();
    return Uint8Array.from(plaintext);
  } catch {
    return null;
  } finally {
    plaintext.fill(0);
  }
}
