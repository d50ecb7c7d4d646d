import { type Bytes, concatBytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

const LENGTH_BYTES = 2;
const SESSION_KEY_BYTES = 32;
const TAG_BYTES = 16;
/** The wrapped key is as long as the RSA modulus: 1,024 to 16,384 bits. Two characters of text read as far more. */
const MIN_WRAPPED_KEY_BYTES = 128;
const MAX_WRAPPED_KEY_BYTES = 2_048;
/**
 * AES-GCM is unsafe when a nonce repeats under one key. Here each key encrypts exactly one value and is thrown
 * away, so the fixed nonce of the wire format never repeats (docs/wire-format.md §3).
 */
const GCM: AesGcmParams = { name: 'AES-GCM', iv: new Uint8Array(12) };

/**
 * One sealed value of upstream's format, taken apart (docs/wire-format.md §1). Both parts are views of the parsed
 * bytes.
 */
export interface EnvelopeV1 {
  readonly format: 'v1';
  /** RSA-OAEP ciphertext of the session key, as long as the modulus: 256 bytes for RSA-2048, 512 for RSA-4096. */
  readonly wrappedKey: Bytes;
  /** AES-256-GCM ciphertext followed by its 16-byte tag. */
  readonly ciphertext: Bytes;
}

/** Writes one value: length of the wrapped key as uint16 big-endian, wrapped key, ciphertext with tag. */
export function encodeV1({ wrappedKey, ciphertext }: Omit<EnvelopeV1, 'format'>): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint16(0, wrappedKey.length);
  return concatBytes(length, wrappedKey, ciphertext);
}

/**
 * Takes the bytes of one sealed value apart, without copying.
 *
 * @throws ERR_ENVELOPE_MALFORMED when the bytes end before the wrapped key or the GCM tag does
 */
export function parseV1(bytes: Bytes): EnvelopeV1 {
  const keyLength = lengthIn(bytes);
  const keyEnd = LENGTH_BYTES + keyLength;
  if (keyLength === 0 || bytes.length < keyEnd + TAG_BYTES) {
    throw new SealedSecretsError(
      'ERR_ENVELOPE_MALFORMED',
      `sealed value is too short: ${bytes.length} bytes`,
    );
  }
  return {
    format: 'v1',
    wrappedKey: bytes.subarray(LENGTH_BYTES, keyEnd),
    ciphertext: bytes.subarray(keyEnd),
  };
}

/** Whether a value that can be parsed has a wrapped key of a possible size: any long text can be parsed. */
export function hasPossibleSizeV1({ wrappedKey }: EnvelopeV1): boolean {
  return isWrappedKeyLength(wrappedKey.length);
}

/** Whether the first two bytes are the length of a wrapped key, in whole words: no text begins with such bytes. */
export function beginsLikeV1(bytes: Bytes): boolean {
  const length = lengthIn(bytes);
  return length % 32 === 0 && isWrappedKeyLength(length);
}

function lengthIn(bytes: Bytes): number {
  return bytes.length < LENGTH_BYTES ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
}

function isWrappedKeyLength(length: number): boolean {
  return length >= MIN_WRAPPED_KEY_BYTES && length <= MAX_WRAPPED_KEY_BYTES;
}

/**
 * Seals one value with a fresh session key of 32 bytes: AES-256-GCM, after `wrap` has encrypted the session key.
 * The result is 2 + wrapped key + plaintext + 16 bytes long. The session key is zeroed afterwards.
 *
 * @param wrap RSA-OAEP (RFC 8017 §7.1.1) with SHA-256 for hash and MGF1, under the label of the value; it must not keep
 *   the session key
 * @example
 * ```js
 * import { constants, publicEncrypt } from 'node:crypto';
 * import { exportPrivateKey, generateKeyPair, KeyRing, openValue, sealV1 } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const label = new TextEncoder().encode('shop/db');
 * const oaep = { key: exportPrivateKey(pair), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: label };
 * const sealed = await sealV1(new TextEncoder().encode('hunter2'), async (sessionKey) =>
 *   Uint8Array.from(publicEncrypt(oaep, sessionKey)),
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
 * Opens one value of upstream's format, with the private key wherever it is: `unwrap` alone touches it. The session key
 * is zeroed afterwards.
 *
 * @param unwrap RSA-OAEP decryption (RFC 8017 §7.1.2) of the wrapped key under the label of the value; null when
 *   the key or the label does not fit. The caller owns neither argument nor result afterwards
 * @returns null when the value cannot be opened, for whatever reason; anything else that `unwrap` throws passes through
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
  { wrappedKey, ciphertext }: EnvelopeV1,
  unwrap: (wrappedKey: Bytes) => Promise<Bytes | null>,
): Promise<Bytes | null> {
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

/**
 * Null for OperationError, which Web Crypto gives for every wrong key, label or ciphertext: telling them apart would be
 * an oracle. Every other rejection is a fault and passes through.
 */
export async function nullWhenRefused(decrypting: Promise<Bytes>): Promise<Bytes | null> {
  try {
    return await decrypting;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'OperationError') return null;
    throw error;
  }
}

/** AES-256-GCM of one value. For this file and tests: a session key must never encrypt twice. */
export async function encryptValue(plaintext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt(gcm, key, plaintext));
}

/** Inverse of encryptValue; `gcm` differs from the wire format in tests only. Rejects with OperationError. */
export async function decryptValue(ciphertext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt(gcm, key, ciphertext));
}
