import { type Bytes, encodeBase64Url } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { DER, readDer, readDerSequence, writeDer } from './der.ts';
import { fingerprintOf } from './fingerprint.ts';
import { areFitToSeal, hasConsistentNumbers } from './key-numbers.ts';
import { formatPem, parsePem } from './pem.ts';

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;
/** AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC 8017 appendix A.1). */
const RSA_ALGORITHM = new Uint8Array([
  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
]);
const PUBLIC_EXPONENT = new Uint8Array([1, 0, 1]);
/** Go refuses shorter keys too, and the session key would not fit below 784 bits; OpenSSL refuses longer ones. */
const MIN_KEY_BITS = 1024;
const MAX_KEY_BITS = 16_384;

/** An RSA key pair that can open values. Immutable but for whose turn it is among the copies. */
export interface KeyPair {
  /** `SHA256:...` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Length of the modulus in bytes; only envelopes with a wrapped key of this length can belong to the key. */
  readonly modulusBytes: number;
  readonly publicKey: CryptoKey;
  /** The private key in PKCS#8 DER. Secret; not enumerable, so that printing or serialising the pair leaves it out. */
  readonly pkcs8: Bytes;
  /**
   * The next imported copy of the private key. Runtimes lock a CryptoKey during each operation, so operations
   * run at once only on different copies: one per thread of the pool is right.
   */
  nextPrivateKey(): CryptoKey;
}

/** How a key pair is imported: `copies` bounds how many operations run at once (default 1). */
export interface ImportOptions {
  readonly copies?: number;
}

/**
 * Makes a new RSA key pair with public exponent 65537.
 *
 * @param keySizeBits modulus length, 2048 to 8192; upstream's default is 4096
 * @throws ERR_KEY_INVALID for another length
 */
export async function generateKeyPair(keySizeBits: number, options: ImportOptions = {}): Promise<KeyPair> {
  if (!(keySizeBits >= 2048 && keySizeBits <= 8192 && keySizeBits % 8 === 0)) {
    throw keyError(`key size is ${keySizeBits} bits: a multiple of 8 from 2048 to 8192 is possible`);
  }
  const generated = await crypto.subtle.generateKey(
    { ...OAEP, modulusLength: keySizeBits, publicExponent: PUBLIC_EXPONENT },
    true,
    ['encrypt', 'decrypt'],
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', generated.privateKey));
  return keyPairOf(pkcs8, options);
}

/**
 * Reads the first usable RSA private key of a PEM text, PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
 *
 * @throws ERR_KEY_INVALID when there is none or it is not a usable RSA key
 */
export async function importKeyPair(pem: string, options: ImportOptions = {}): Promise<KeyPair> {
  let failure = keyError('no RSA private key in the PEM text');
  for (const { label, bytes } of parsePem(pem)) {
    if (label !== 'RSA PRIVATE KEY' && label !== 'PRIVATE KEY') continue;
    try {
      return await keyPairOf(label === 'PRIVATE KEY' ? bytes : pkcs1ToPkcs8(bytes), options);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Whether every number of the private key is as the others say, and it opens what is sealed for it; only such a key is
 * fit to be sealed for. The trial, one RSA operation, finds what the numbers do not tell: a factor that is no prime.
 */
export async function isSoundKeyPair(keyPair: KeyPair): Promise<boolean> {
  return hasConsistentNumbers(pkcs8ToPkcs1(keyPair.pkcs8)) && (await opensWhatIsSealed(keyPair));
}

async function opensWhatIsSealed(keyPair: KeyPair): Promise<boolean> {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const sealed = await crypto.subtle.encrypt(OAEP, keyPair.publicKey, probe);
  const opening = crypto.subtle.decrypt(OAEP, keyPair.nextPrivateKey(), sealed);
  return opening.then(
    (opened) => encodeBase64Url(new Uint8Array(opened)) === encodeBase64Url(probe),
    () => false, // whatever is wrong with the key
  );
}

/** The private key as PEM, in PKCS#1 as upstream writes it or in PKCS#8. Secret. */
export function exportPrivateKey({ pkcs8 }: KeyPair, format: 'pkcs1' | 'pkcs8' = 'pkcs1'): string {
  return format === 'pkcs8'
    ? formatPem('PRIVATE KEY', pkcs8)
    : formatPem('RSA PRIVATE KEY', pkcs8ToPkcs1(pkcs8));
}

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
  const [modulus, exponent] = numbersOf(readDer(bitString?.content.subarray(1) ?? new Uint8Array())); // after the count of unused bits
  refuseUnfit(modulus, exponent);
  return key;
}

async function keyPairOf(pkcs8: Bytes, { copies = 1 }: ImportOptions): Promise<KeyPair> {
  const privateKeys = await Promise.all(
    Array.from({ length: Math.max(1, copies) }, () => importPrivate(pkcs8)),
  );
  const [, modulus, exponent] = numbersOf(readDer(pkcs8ToPkcs1(pkcs8)));
  if (!modulus || !exponent) throw keyError('not a usable RSA private key');
  refuseUnfit(modulus, exponent);
  const jwk = { kty: 'RSA', n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) };
  const publicKey = await crypto.subtle.importKey('jwk', jwk, OAEP, true, ['encrypt']);
  let turn = 0;
  const nextPrivateKey = () => {
    turn = (turn + 1) % privateKeys.length;
    return privateKeys[turn] as CryptoKey; // copies >= 1 and turn < length
  };
  const keyPair = { fingerprint: await fingerprintOf(publicKey), modulusBytes: modulus.length, publicKey };
  return Object.defineProperty({ ...keyPair, pkcs8, nextPrivateKey }, 'pkcs8', { enumerable: false });
}

/** Imported for opening only: the runtime gives the key out to nobody. @throws ERR_KEY_INVALID */
async function importPrivate(pkcs8: Bytes): Promise<CryptoKey> {
  const importing = crypto.subtle.importKey('pkcs8', pkcs8, OAEP, false, ['decrypt']);
  return withUsableSize(await importing.catch(refuse('not a usable RSA private key')));
}

function withUsableSize(key: CryptoKey): CryptoKey {
  const { modulusLength } = key.algorithm as RsaHashedKeyAlgorithm;
  if (modulusLength >= MIN_KEY_BITS && modulusLength <= MAX_KEY_BITS) return key;
  throw keyError(`RSA key of ${modulusLength} bits: ${MIN_KEY_BITS} to ${MAX_KEY_BITS} are possible`);
}

/** The INTEGERs of a DER sequence without the zero bytes in front. */
function numbersOf({ content }: { readonly content: Bytes }): Bytes[] {
  return readDerSequence(content).map((element) => {
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

/** PKCS#8 PrivateKeyInfo (RFC 5208 §5): version 0, algorithm, the PKCS#1 key as octet string. */
function pkcs1ToPkcs8(pkcs1: Bytes): Bytes {
  const version = writeDer(DER.integer, new Uint8Array([0]));
  return writeDer(DER.sequence, version, RSA_ALGORITHM, writeDer(DER.octetString, pkcs1));
}

function pkcs8ToPkcs1(pkcs8: Bytes): Bytes {
  const info = readDer(pkcs8).content;
  const version = readDer(info);
  const algorithm = readDer(info, version.end);
  return readDer(info, algorithm.end).content;
}
