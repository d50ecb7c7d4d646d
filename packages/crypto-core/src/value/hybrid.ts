import { type Bytes, concatBytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { KeyPair } from '../keys/key-pair.ts';
import { type Envelope, encodeEnvelope, parseEnvelope } from './envelope.ts';
import type { KeyRing } from './key-ring.ts';

const SESSION_KEY_BYTES = 32;
/**
 * AES-GCM is unsafe when a nonce repeats under one key. Here each key encrypts exactly one value and is thrown
 * away, so the fixed nonce of the wire format never repeats (docs/wire-format.md §3).
 */
const GCM: AesGcmParams = { name: 'AES-GCM', iv: new Uint8Array(12) };

/** What an opened value was and which key opened it. */
export interface OpenedValue {
  readonly plaintext: Bytes;
  /** Fingerprint of the key that opened it. */
  readonly fingerprint: string;
  /** How many other keys were tried before. */
  readonly misses: number;
}

/**
 * Seals one value for the holder of the private key: a fresh session key, RSA-OAEP (RFC 8017 §7.1, SHA-256 for
 * hash and MGF1) under `label`, AES-256-GCM. Costs 2 + modulus bytes + plaintext + 16 bytes.
 *
 * @param label the encryptionLabel of the object's scope
 * @throws ERR_KEY_INVALID when the runtime cannot encrypt with that public key
 */
export async function sealValue(plaintext: Uint8Array, publicKey: CryptoKey, label: Bytes): Promise<Bytes> {
  const sessionKey = crypto.getRandomValues(new Uint8Array(SESSION_KEY_BYTES));
  try {
    const wrappedKey = await wrapSessionKey(sessionKey, publicKey, label);
    return encodeEnvelope({ wrappedKey, ciphertext: await encryptValue(concatBytes(plaintext), sessionKey) });
  } finally {
    sessionKey.fill(0);
  }
}

/**
 * Opens one sealed value with the first key of the ring that fits.
 *
 * @throws ERR_ENVELOPE_MALFORMED
 * @throws ERR_NO_KEY_OPENS_VALUE for a wrong key, a wrong label or tampering: they look the same on purpose
 */
export async function openValue(sealed: Bytes, keyRing: KeyRing, label: Bytes): Promise<Bytes> {
  return (await openEnvelope(parseEnvelope(sealed), keyRing, label)).plaintext;
}

/**
 * Opens one parsed value and tells which key did it.
 *
 * @param hints fingerprints to try first, in order; a wrong hint costs one RSA operation and nothing else
 * @throws ERR_NO_KEY_OPENS_VALUE
 */
export async function openEnvelope(
  envelope: Envelope,
  keyRing: KeyRing,
  label: Bytes,
  hints: readonly string[] = [],
): Promise<OpenedValue> {
  for (const [misses, key] of keyRing.candidates(envelope, hints).entries()) {
    const plaintext = await tryOpen(envelope, key, label);
    if (!plaintext) continue;
    keyRing.noteOpened(key);
    return { plaintext, fingerprint: key.fingerprint, misses };
  }
  throw new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret');
}

async function tryOpen(envelope: Envelope, key: KeyPair, label: Bytes): Promise<Bytes | undefined> {
  try {
    const sessionKey = await unwrapSessionKey(envelope.wrappedKey, key.nextPrivateKey(), label);
    try {
      return sessionKey.length === SESSION_KEY_BYTES
        ? await decryptValue(envelope.ciphertext, sessionKey)
        : undefined;
    } finally {
      sessionKey.fill(0);
    }
  } catch (error) {
    // Web Crypto says OperationError for every wrong input; telling them apart would be an oracle
    if (error instanceof DOMException && error.name === 'OperationError') return undefined;
    throw error;
  }
}

async function wrapSessionKey(sessionKey: Bytes, publicKey: CryptoKey, label: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP', label }, publicKey, sessionKey));
  } catch (cause) {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the public key cannot seal', { cause });
  }
}

/** RSA-OAEP decryption (RFC 8017 §7.1.2). For this package and its tests; rejects with OperationError. */
export async function unwrapSessionKey(wrappedKey: Bytes, key: CryptoKey, label: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'RSA-OAEP', label }, key, wrappedKey));
}

/** AES-256-GCM of one value. For this package and its tests: a session key must never encrypt twice. */
export async function encryptValue(plaintext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt(gcm, key, plaintext));
}

/** Inverse of encryptValue; `gcm` differs from the wire format in tests only. Rejects with OperationError. */
export async function decryptValue(ciphertext: Bytes, sessionKey: Bytes, gcm = GCM): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', sessionKey, 'AES-GCM', false, ['decrypt']);
  return new Uint8Array(await crypto.subtle.decrypt(gcm, key, ciphertext));
}
