import type { Bytes } from '../bytes.ts';

/**
 * AES-GCM is unsafe when a nonce repeats under one key. Here each key encrypts exactly one value and is
 * thrown away, so the fixed nonce of the wire format never repeats (docs/wire-format.md §3).
 */
const GCM: AesGcmParams = { name: 'AES-GCM', iv: new Uint8Array(12) };

/**
 * Null for OperationError, which Web Crypto gives for every wrong key, label or ciphertext: telling them
 * apart would be an oracle. Every other rejection is a fault and passes through.
 */
export async function nullWhenRefused(decrypting: Promise<Bytes>): Promise<Bytes | null> {
  try {
    return await decrypting;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return null;
    throw error;
  }
}

/**
 * AES-256-GCM of one value (NIST SP 800-38D), with its 16-byte tag at the end. A session key must never
 * encrypt twice.
 */
export async function encryptValue(plaintext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt(gcm, key, plaintext));
}

/** Inverse of encryptValue; `gcm` differs from the wire format in tests only. Rejects with OperationError. */
export async function decryptValue(ciphertext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt(gcm, key, ciphertext));
}
