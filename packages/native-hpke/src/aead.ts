import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { AEAD, AEADFactory } from 'hpke';

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;

/** AES-256-GCM (NIST SP 800-38D) by node:crypto. */
export const nativeAead: AEADFactory = () => AES_256_GCM;

const AES_256_GCM: AEAD = {
  id: 0x0002,
  type: 'AEAD',
  name: 'AES-256-GCM',
  Nk: 32,
  Nn: 12,
  Nt: TAG_BYTES,
  async Seal(key, nonce, aad, plaintext) {
    const cipher = createCipheriv(CIPHER, key, nonce).setAAD(aad);
    return Uint8Array.from(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]));
  },
  async Open(key, nonce, aad, ciphertext) {
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(aad);
    decipher.setAuthTag(ciphertext.subarray(end));
    return Uint8Array.from(Buffer.concat([decipher.update(ciphertext.subarray(0, end)), decipher.final()]));
  },
};
