import { createCipheriv, createDecipheriv, hash, hkdfSync } from 'node:crypto';
import type { ValueAlgorithms } from '@fuin/crypto-core/v2';

const CIPHER = 'aes-256-gcm';
const NONCE = new Uint8Array(12);
const TAG_BYTES = 16;
const DERIVED_BYTES = 64;

/** The inner layer of a value by node:crypto. */
export const NATIVE_VALUE: ValueAlgorithms = {
  hkdf: async (dataKey, transcript, info) =>
    new Uint8Array(hkdfSync('sha256', dataKey, hash('sha256', transcript, 'buffer'), info, DERIVED_BYTES)),
  encrypt: async (plaintext, key) => {
    const cipher = createCipheriv(CIPHER, key, NONCE);
    return Uint8Array.from(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  },
  decrypt: async (ciphertext, key) => {
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
    decipher.setAuthTag(ciphertext.subarray(end));
    const plaintext = decipher.update(ciphertext.subarray(0, end));
    try {
      decipher.final();
    } catch {
      plaintext.fill(0);
      return null;
    }
    return Uint8Array.from(plaintext);
  },
};
