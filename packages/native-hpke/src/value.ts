import { hash, hkdfSync } from 'node:crypto';
import type { ValueAlgorithms } from '@fuin/crypto-core/v2';
import { decryptGcm, encryptGcm } from './gcm.ts';

const NONCE = new Uint8Array(12);
const DERIVED_BYTES = 64;

/** The inner layer of a value by node:crypto. */
export const NATIVE_VALUE: ValueAlgorithms = {
  hkdf: async (dataKey, transcript, info) =>
    new Uint8Array(hkdfSync('sha256', dataKey, hash('sha256', transcript, 'buffer'), info, DERIVED_BYTES)),
  encrypt: async (plaintext, key) => encryptGcm(plaintext, { key, nonce: NONCE }),
  decrypt: async (ciphertext, key) => decryptGcm(ciphertext, { key, nonce: NONCE }),
};
