// Over 200 lines: the private key stays within one class, and its examples stand beside it.
import { type Bytes, encodeBase64, encodeBase64Url } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { nullWhenRefused } from '../value/aes-gcm.ts';
import { type Envelope, parseEnvelope } from '../value/format-table.ts';
import type { KeyPair, SealTerms } from '../value/key.ts';
import { openV1 } from '../value/v1.ts';
import { hasConsistentNumbers } from './key-numbers.ts';
import { formatPem, parsePem } from './pem.ts';
import {
  importPrivateKey,
  OAEP,
  pkcs1ToPkcs8,
  pkcs8ToPkcs1,
  publicNumbersOf,
  unwrapSessionKey,
} from './rsa-oaep.ts';
import { RsaRecipient } from './rsa-recipient.ts';

const PUBLIC_EXPONENT = new Uint8Array([1, 0, 1]);

/** How a key pair is imported: `copies` bounds how many operations run at once (default 1). */
export interface ImportOptions {
  readonly copies?: number;
}

interface RsaParts {
  readonly pkcs8: Bytes;
  readonly modulusBytes: number;
  readonly recipient: RsaRecipient;
  readonly copies: readonly CryptoKey[];
}

/**
 * What only this package may see of a key pair; filled by the class, whose private fields nobody else can
 * read.
 */
let partsOf: (keyPair: RsaKeyPair) => Pick<RsaParts, 'pkcs8' | 'recipient'>;

/**
 * An RSA key pair in the memory of this process: opens and seals values of upstream's format. Its id is the
 * fingerprint of the public key as `ssh-keygen -l` prints it (docs/wire-format.md §4). The private key is in
 * no property, so that printing or serialising the pair leaves it out.
 */
export class RsaKeyPair implements KeyPair {
  readonly id: string;
  readonly format = 'v1';
  readonly #parts: RsaParts;
  #turn = 0;

  static {
    partsOf = (keyPair) => keyPair.#parts;
  }

  private constructor(parts: RsaParts) {
    this.id = parts.recipient.id;
    this.#parts = parts;
  }

  /** @throws ERR_KEY_INVALID when the PKCS#8 DER holds no usable RSA key */
  static async ofPkcs8(pkcs8: Bytes, { copies = 1 }: ImportOptions): Promise<RsaKeyPair> {
    const importing = Array.from({ length: Math.max(1, copies) }, () => importPrivateKey(pkcs8));
    const privateKeys = await Promise.all(importing);
    const { modulus, exponent } = publicNumbersOf(pkcs8);
    const jwk = { kty: 'RSA', n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) };
    const publicKey = await crypto.subtle.importKey('jwk', jwk, OAEP, true, ['encrypt']);
    const recipient = await RsaRecipient.of(publicKey);
    return new RsaKeyPair({ pkcs8, modulusBytes: modulus.length, recipient, copies: privateKeys });
  }

  /** The wrapped key is as long as the modulus. */
  mayOpen(envelope: Envelope): boolean {
    return envelope.format === 'v1' && envelope.wrappedKey.length === this.#parts.modulusBytes;
  }

  async open(envelope: Envelope, label: Bytes, _item?: string): Promise<Bytes | null> {
    return openV1(envelope, (wrappedKey) =>
      nullWhenRefused(unwrapSessionKey(wrappedKey, this.#nextCopy(), label)),
    );
  }

  seal(value: Uint8Array, label: Bytes, terms?: SealTerms): Promise<Bytes> {
    return this.#parts.recipient.seal(value, label, terms);
  }

  /**
   * The next imported copy of the private key. Runtimes lock a CryptoKey during each operation, so operations
   * run at once only on different copies: one per thread of the pool is right.
   */
  #nextCopy(): CryptoKey {
    const { copies } = this.#parts;
    this.#turn = (this.#turn + 1) % copies.length;
    return copies[this.#turn] as CryptoKey; // there is at least one, and the turn is less than their number
  }
}

/**
 * Makes a new RSA key pair with public exponent 65537.
 *
 * @param keySizeBits modulus length, a multiple of 8 from 2048 to 8192; upstream's default is 4096
 * @throws ERR_KEY_INVALID for another length
 * @example
 * ```js
 * import { generateKeyPair } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * console.log(pair.id.slice(0, 7), pair.id.length); // SHA256: 50
 * ```
 */
export async function generateKeyPair(keySizeBits: number, options: ImportOptions = {}): Promise<RsaKeyPair> {
  if (!(keySizeBits >= 2048 && keySizeBits <= 8192 && keySizeBits % 8 === 0)) {
    throw keyError(`key size is ${keySizeBits} bits: a multiple of 8 from 2048 to 8192 is possible`);
  }
  const generated = await crypto.subtle.generateKey(
    { ...OAEP, modulusLength: keySizeBits, publicExponent: PUBLIC_EXPONENT },
    true,
    ['encrypt', 'decrypt'],
  );
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', generated.privateKey));
  return RsaKeyPair.ofPkcs8(pkcs8, options);
}

/**
 * Reads the first usable RSA private key of a PEM string, PKCS#1 (`RSA PRIVATE KEY`, RFC 8017 appendix A.1.2)
 * or PKCS#8 (`PRIVATE KEY`, RFC 5208).
 *
 * @throws ERR_KEY_INVALID when there is none or it is not a usable RSA key
 * @example One copy of the key for each thread that decrypts
 * ```js
 * import { availableParallelism } from 'node:os';
 * import { exportPrivateKey, generateKeyPair, importKeyPair } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const pem = exportPrivateKey(pair);
 * const again = await importKeyPair(pem, { copies: availableParallelism() });
 * console.log(again.id === pair.id); // true
 * ```
 */
export async function importKeyPair(pem: string, options: ImportOptions = {}): Promise<RsaKeyPair> {
  let failure = keyError('no RSA private key in the PEM text');
  for (const { label, bytes } of parsePem(pem)) {
    if (label !== 'RSA PRIVATE KEY' && label !== 'PRIVATE KEY') continue;
    try {
      const pkcs8 = label === 'PRIVATE KEY' ? bytes : pkcs1ToPkcs8(bytes);
      return await RsaKeyPair.ofPkcs8(pkcs8, options);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

/**
 * Whether the numbers of the private key fit together (RFC 8017 §3.2) and it opens what is sealed for it;
 * only such a key is fit to be sealed for. The trial, one RSA operation, finds what the numbers do not show:
 * a factor that is not a prime.
 *
 * @example
 * ```js
 * import { generateKeyPair, isSoundKeyPair } from '@fuin/crypto-core';
 *
 * console.log(await isSoundKeyPair(await generateKeyPair(2048))); // true
 * ```
 */
export async function isSoundKeyPair(keyPair: RsaKeyPair): Promise<boolean> {
  return hasConsistentNumbers(pkcs8ToPkcs1(partsOf(keyPair).pkcs8)) && (await opensWhatItSeals(keyPair));
}

async function opensWhatItSeals(keyPair: RsaKeyPair): Promise<boolean> {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const label = new Uint8Array();
  const envelope = parseEnvelope(await keyPair.seal(probe, label));
  const opened = await keyPair.open(envelope, label).catch(() => null); // whatever is wrong with the key
  return opened !== null && encodeBase64(opened) === encodeBase64(probe);
}

/**
 * The private key as PEM, in PKCS#1 (like upstream) or in PKCS#8. Secret: anyone who has it can open
 * every value.
 *
 * @example
 * ```js
 * import { exportPrivateKey, generateKeyPair } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * console.log(exportPrivateKey(pair).split('\n')[0]); // -----BEGIN RSA PRIVATE KEY-----
 * console.log(exportPrivateKey(pair, 'pkcs8').split('\n')[0]); // -----BEGIN PRIVATE KEY-----
 * ```
 */
export function exportPrivateKey(keyPair: RsaKeyPair, format: 'pkcs1' | 'pkcs8' = 'pkcs1'): string {
  const { pkcs8 } = partsOf(keyPair);
  return format === 'pkcs8'
    ? formatPem('PRIVATE KEY', pkcs8)
    : formatPem('RSA PRIVATE KEY', pkcs8ToPkcs1(pkcs8));
}

/** What a certificate of a key pair needs of it. */
export interface Certifier {
  /** SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) in DER. */
  readonly spki: Bytes;
  /** Signs with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 8017 §8.2). */
  readonly sign: (bytes: Bytes) => Promise<Bytes>;
}

/** For certificates alone: imports the private key once more, for signing. */
export async function certifierOf(keyPair: RsaKeyPair): Promise<Certifier> {
  const { pkcs8, recipient } = partsOf(keyPair);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  return {
    spki: await recipient.exportSpki(),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign(algorithm.name, key, bytes)),
  };
}

function keyError(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', message);
}
