import type { AEAD, AEADFactory } from 'hpke';
import { decryptGcm, encryptGcm, TAG_BYTES } from './gcm.ts';

/** AES-256-GCM for HPKE, by node:crypto. */
export const nativeAead: AEADFactory = () => AES_256_GCM;

const AES_256_GCM: AEAD = {
  id: 0x0002,
  type: 'AEAD',
  name: 'AES-256-GCM',
  Nk: 32,
  Nn: 12,
  Nt: TAG_BYTES,
  Seal: async (key, nonce, aad, plaintext) => encryptGcm(plaintext, { key, nonce, aad }),
  async Open(key, nonce, aad, ciphertext) {
    const plaintext = decryptGcm(ciphertext, { key, nonce, aad });
    if (plaintext) return plaintext;
    throw new Error('the tag does not fit');
  },
};
