import { type Bytes, concatBytes } from '../bytes.ts';
import { decryptValue, encryptValue, nullWhenRefused } from './aes-gcm.ts';
import { encodeV1 } from './envelope-v1.ts';
import type { Envelope } from './format-table.ts';

const SESSION_KEY_BYTES = 32;

/**
 * Seals one value with a fresh session key of 32 bytes: AES-256-GCM, after `wrap` has encrypted the session
 * key. The result is 2 + wrapped key + plaintext + 16 bytes long. The session key is zeroed afterwards.
 *
 * @param wrap RSA-OAEP (RFC 8017 §7.1.1) with SHA-256 for hash and MGF1, under the label of the value; it
 *   must not keep the session key
 * @example
 * ```js
 * import { constants, publicEncrypt } from 'node:crypto';
 * import { exportPrivateKey, generateKeyPair, KeyRing, openValue, sealV1 } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const label = new TextEncoder().encode('shop/db');
 * const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label };
 * const key = exportPrivateKey(pair);
 * const sealed = await sealV1(new TextEncoder().encode('hunter2'), async (sessionKey) =>
 *   Uint8Array.from(publicEncrypt({ key, ...oaep }, sessionKey)),
 * );
 * const opened = await openValue(sealed, KeyRing.of(pair), label);
 * console.log(new TextDecoder().decode(opened)); // hunter2
 * ```
 */
export async function sealV1(value: Uint8Array, wrap: (sessionKey: Bytes) => Promise<Bytes>): Promise<Bytes> {
  const sessionKey = crypto.getRandomValues(new Uint8Array(SESSION_KEY_BYTES));
  try {
    const wrappedKey = await wrap(sessionKey);
    return encodeV1({ wrappedKey, ciphertext: await encryptValue(concatBytes(value), sessionKey) });
  } finally {
    sessionKey.fill(0);
  }
}

/**
 * Opens one value of upstream's format, with the private key wherever it is: `unwrap` alone touches it. The
 * session key is zeroed afterwards.
 *
 * @param unwrap RSA-OAEP decryption (RFC 8017 §7.1.2) of the wrapped key under the label of the value; null
 *   when the key or the label does not fit. The caller owns neither argument nor result afterwards
 * @returns null when the value cannot be opened, for whatever reason, also for a value of another format;
 *   anything else that `unwrap` throws passes through
 * @example A sealing key behind OpenSSL, as one behind PKCS#11 or a key service would be
 * ```js
 * import { constants, createPrivateKey, privateDecrypt } from 'node:crypto';
 * import { exportPrivateKey, generateKeyPair, KeyRing, openV1, openValue } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const held = createPrivateKey(exportPrivateKey(pair));
 * const key = {
 *   id: pair.id,
 *   mayOpen: (envelope) => envelope.format === 'v1' && envelope.wrappedKey.length === 256,
 *   open: (envelope, label) =>
 *     openV1(envelope, async (wrappedKey) => {
 *       const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label };
 *       try {
 *         return Uint8Array.from(privateDecrypt({ key: held, ...oaep }, wrappedKey));
 *       } catch (error) {
 *         if (error.code === 'ERR_OSSL_RSA_OAEP_DECODING_ERROR') return null;
 *         throw error;
 *       }
 *     }),
 * };
 * const label = new TextEncoder().encode('shop/db');
 * const sealed = await pair.seal(new TextEncoder().encode('hunter2'), label);
 * const opened = await openValue(sealed, KeyRing.of(key), label);
 * console.log(new TextDecoder().decode(opened)); // hunter2
 * ```
 */
export async function openV1(
  envelope: Envelope,
  unwrap: (wrappedKey: Bytes) => Promise<Bytes | null>,
): Promise<Bytes | null> {
  if (envelope.format !== 'v1') return null;
  const { wrappedKey, ciphertext } = envelope;
  const sessionKey = await unwrap(wrappedKey);
  if (!sessionKey) return null;
  try {
    return sessionKey.length === SESSION_KEY_BYTES
      ? await nullWhenRefused(decryptValue(ciphertext, sessionKey))
      : null;
  } finally {
    sessionKey.fill(0);
  }
}
