import { type Bytes, decodeBase64Url } from './bytes.ts';
import { DER, readDer, writeDer } from './der.ts';
import { SealedSecretsError } from './errors.ts';
import { fingerprintOf } from './fingerprint.ts';
import { formatPem, parsePem } from './pem.ts';

const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' } as const;
/** AlgorithmIdentifier of rsaEncryption with NULL parameters (RFC 8017 appendix A.1). */
const RSA_ALGORITHM = new Uint8Array([
  0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
]);
const PUBLIC_EXPONENT = new Uint8Array([1, 0, 1]);

/** An RSA key pair that can open values. Immutable but for whose turn it is among the copies. */
export interface KeyPair {
  /** `SHA256:...` as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** Length of the modulus in bytes; only envelopes with a wrapped key of this length can belong to the key. */
  readonly modulusBytes: number;
  readonly publicKey: CryptoKey;
  /** The private key in PKCS#8 DER. Secret; never logged. */
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
 */
export async function generateKeyPair(keySizeBits: number, options: ImportOptions = {}): Promise<KeyPair> {
  const generated = await crypto.subtle.generateKey(
    { ...OAEP, modulusLength: keySizeBits, publicExponent: PUBLIC_EXPONENT },
    true,
    ['encrypt', 'decrypt'],
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', generated.privateKey));
  return keyPairOf(pkcs8, options);
}

/**
 * Reads the first RSA private key of a PEM text, PKCS#1 (`RSA PRIVATE KEY`) or PKCS#8 (`PRIVATE KEY`).
 *
 * @throws ERR_KEY_INVALID when there is none or it is not a usable RSA key
 */
export async function importKeyPair(pem: string, options: ImportOptions = {}): Promise<KeyPair> {
  const block = parsePem(pem).find(({ label }) => label === 'RSA PRIVATE KEY' || label === 'PRIVATE KEY');
  if (!block) throw new SealedSecretsError('ERR_KEY_INVALID', 'no RSA private key in the PEM text');
  return keyPairOf(block.label === 'PRIVATE KEY' ? block.bytes : pkcs1ToPkcs8(block.bytes), options);
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
 * @throws ERR_KEY_INVALID when it is not an RSA key
 */
export async function importPublicKey(spki: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('spki', spki, OAEP, true, ['encrypt']);
  } catch (cause) {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'not an RSA public key', { cause });
  }
}

async function keyPairOf(pkcs8: Bytes, { copies = 1 }: ImportOptions): Promise<KeyPair> {
  const privateKeys = await importCopies(pkcs8, copies);
  const { n, e } = await crypto.subtle.exportKey('jwk', await importExtractable(pkcs8));
  const publicKey = await crypto.subtle.importKey('jwk', { kty: 'RSA', n: n ?? '', e: e ?? '' }, OAEP, true, [
    'encrypt',
  ]);
  const modulusBytes = decodeBase64Url(n ?? '').length;
  let turn = 0;
  const nextPrivateKey = () => {
    turn = (turn + 1) % privateKeys.length;
    return privateKeys[turn] as CryptoKey; // copies >= 1 and turn < length
  };
  return { fingerprint: await fingerprintOf(publicKey), modulusBytes, publicKey, pkcs8, nextPrivateKey };
}

/** @throws ERR_KEY_INVALID */
async function importCopies(pkcs8: Bytes, copies: number): Promise<CryptoKey[]> {
  try {
    const imports = Array.from({ length: Math.max(1, copies) }, () =>
      crypto.subtle.importKey('pkcs8', pkcs8, OAEP, false, ['decrypt']),
    );
    return await Promise.all(imports);
  } catch (cause) {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'not a usable RSA private key', { cause });
  }
}

function importExtractable(pkcs8: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('pkcs8', pkcs8, OAEP, true, ['decrypt']);
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
