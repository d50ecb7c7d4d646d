import type { Bytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { DER, readDer, readDerSequence, writeDer } from './der.ts';
import { areFitToSeal } from './key-numbers.ts';

/** RSA-OAEP (RFC 8017 §7.1) with SHA-256 both as hash and in MGF1 (docs/wire-format.md §1). */
export const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;
/** AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC 8017 appendix A.1). */
const RSA_ALGORITHM = new Uint8Array([
  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
]);
/**
 * Go refuses shorter keys too, and the session key would not fit below 784 bits; OpenSSL refuses longer ones.
 */
const MIN_KEY_BITS = 1024;
const MAX_KEY_BITS = 16_384;

/**
 * Imports an RSA public key for sealing.
 *
 * @param spki SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7)
 * @throws ERR_KEY_INVALID when it is not an RSA key of 1024 to 16384 bits that Go would seal with
 */
export async function importPublicKey(spki: Bytes): Promise<CryptoKey> {
  const importing = crypto.subtle.importKey('spki', spki, OAEP, true, ['encrypt']);
  const key = withUsableSize(await importing.catch(refuse('not an RSA public key')));
  const [, bitString] = readDerSequence(readDer(spki).content);
  const rsaPublicKey = bitString?.content.subarray(1) ?? new Uint8Array(); // after the count of unused bits
  const [modulus, exponent] = numbersOf(rsaPublicKey);
  refuseUnfit(modulus, exponent);
  return key;
}

/**
 * Imports an RSA private key for opening only: the runtime gives the key out to nobody.
 *
 * @param pkcs8 PrivateKeyInfo in DER (RFC 5208 §5)
 * @throws ERR_KEY_INVALID when it is not an RSA key of 1024 to 16384 bits
 */
export async function importPrivateKey(pkcs8: Bytes): Promise<CryptoKey> {
  const importing = crypto.subtle.importKey('pkcs8', pkcs8, OAEP, false, ['decrypt']);
  return withUsableSize(await importing.catch(refuse('not a usable RSA private key')));
}

/**
 * Modulus and public exponent of a private key, big-endian without zero bytes in front.
 *
 * @param pkcs8 PrivateKeyInfo in DER
 * @throws ERR_KEY_INVALID when it has none, or Go would not seal with them
 */
export function publicNumbersOf(pkcs8: Bytes): { readonly modulus: Bytes; readonly exponent: Bytes } {
  const [, modulus, exponent] = numbersOf(pkcs8ToPkcs1(pkcs8));
  if (!modulus || !exponent) throw keyError('not a usable RSA private key');
  refuseUnfit(modulus, exponent);
  return { modulus, exponent };
}

/**
 * RSA-OAEP encryption (RFC 8017 §7.1.1).
 *
 * @throws ERR_KEY_INVALID when the runtime cannot encrypt with that key
 */
export async function wrapSessionKey(sessionKey: Bytes, publicKey: CryptoKey, label: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.encrypt({ name: 'RSA-OAEP', label }, publicKey, sessionKey));
  } catch (cause) {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the public key cannot seal', { cause });
  }
}

/** RSA-OAEP decryption (RFC 8017 §7.1.2). Rejects with OperationError when key, label or bytes do not fit. */
export async function unwrapSessionKey(wrappedKey: Bytes, key: CryptoKey, label: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'RSA-OAEP', label }, key, wrappedKey));
}

/** PKCS#8 PrivateKeyInfo (RFC 5208 §5): version 0, algorithm, the PKCS#1 key as octet string. */
export function pkcs1ToPkcs8(pkcs1: Bytes): Bytes {
  const version = writeDer(DER.integer, new Uint8Array([0]));
  return writeDer(DER.sequence, version, RSA_ALGORITHM, writeDer(DER.octetString, pkcs1));
}

/**
 * The RSAPrivateKey (RFC 8017 appendix A.1.2) inside a PrivateKeyInfo.
 *
 * @throws ERR_KEY_INVALID when it is not DER
 */
export function pkcs8ToPkcs1(pkcs8: Bytes): Bytes {
  const info = readDer(pkcs8).content;
  const version = readDer(info);
  const algorithm = readDer(info, version.end);
  return readDer(info, algorithm.end).content;
}

function withUsableSize(key: CryptoKey): CryptoKey {
  const { modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  if (modulusLength >= MIN_KEY_BITS && modulusLength <= MAX_KEY_BITS) return key;
  throw keyError(`RSA key of ${modulusLength} bits: ${MIN_KEY_BITS} to ${MAX_KEY_BITS} are possible`);
}

/** The INTEGERs of a DER sequence without the zero bytes in front. */
function numbersOf(der: Bytes): Bytes[] {
  return readDerSequence(readDer(der).content).map((element) => {
    const start = element.content.findIndex((byte) => byte !== 0);
    return element.content.subarray(start < 0 ? element.content.length : start);
  });
}

function refuseUnfit(modulus: Bytes | undefined, exponent: Bytes | undefined): void {
  if (modulus && exponent && areFitToSeal(modulus, exponent)) return;
  throw keyError(
    'RSA key with an even modulus, or a public exponent that is not odd and from 3 to 2147483647',
  );
}

function refuse(message: string) {
  return (cause: unknown): never => {
    throw new SealedSecretsError('ERR_KEY_INVALID', message, { cause });
  };
}

function keyError(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', message);
}
