import { type Bytes, concatBytes, encodeBase64Url } from '../bytes.ts';
import { invalidSsh, SshReader } from './ssh-wire.ts';

/** Checks signatures of one public key of SSH. */
export interface SshVerifier {
  /** @returns false for a wrong signature, and for an algorithm that is not of the key */
  verify(algorithm: string, signature: Bytes, signed: Bytes): Promise<boolean>;
}

const LEAST_RSA_BYTES = 256;
const MOST_RSA_BYTES = 1024;
/** Algorithms of signatures by RSA keys (RFC 8332). SHA-1 is not among them. */
const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-512': 'SHA-512', 'rsa-sha2-256': 'SHA-256' };
const CURVES = {
  nistp256: { namedCurve: 'P-256', hash: 'SHA-256', bytes: 32 },
  nistp384: { namedCurve: 'P-384', hash: 'SHA-384', bytes: 48 },
} as const;

/** One row for each kind of key: reads the rest of its blob. */
const KINDS: Readonly<Record<string, (reader: SshReader) => Promise<SshVerifier>>> = {
  'ssh-ed25519': ed25519Of,
  'ecdsa-sha2-nistp256': (reader) => ecdsaOf(reader, 'nistp256'),
  'ecdsa-sha2-nistp384': (reader) => ecdsaOf(reader, 'nistp384'),
  'ssh-rsa': rsaOf,
};

/** Kinds of keys that count, as allowed-signers files name them. */
export const SSH_KEY_KINDS: readonly string[] = Object.keys(KINDS);

/**
 * Reads a public key (RFC 4253 §6.6, RFC 8709, RFC 5656).
 *
 * @throws ERR_KEY_INVALID for other kinds of keys, such as those of FIDO tokens, and for small RSA keys
 */
export async function readSshKey(blob: Bytes): Promise<SshVerifier> {
  const reader = new SshReader(blob);
  const kind = reader.name();
  const read = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!read) throw invalidSsh('keys of this kind do not count');
  const verifier = await read(reader);
  if (!reader.isAtEnd) throw invalidSsh();
  return verifier;
}

async function ed25519Of(reader: SshReader): Promise<SshVerifier> {
  const key = await imported(reader.string(), { name: 'Ed25519' });
  return {
    verify: async (algorithm, signature, signed) =>
      algorithm === 'ssh-ed25519' && crypto.subtle.verify('Ed25519', key, signature, signed),
  };
}

async function ecdsaOf(reader: SshReader, curve: keyof typeof CURVES): Promise<SshVerifier> {
  const { namedCurve, hash, bytes } = CURVES[curve];
  if (reader.name() !== curve) throw invalidSsh();
  const key = await imported(reader.string(), { name: 'ECDSA', namedCurve });
  return {
    verify: async (algorithm, signature, signed) => {
      if (algorithm !== `ecdsa-sha2-${curve}`) return false;
      const numbers = new SshReader(signature);
      const [r, s] = [numbers.number(), numbers.number()];
      if (!numbers.isAtEnd || r.length > bytes || s.length > bytes) return false;
      const fixed = concatBytes(new Uint8Array(bytes - r.length), r, new Uint8Array(bytes - s.length), s);
      return crypto.subtle.verify({ name: 'ECDSA', hash }, key, fixed, signed);
    },
  };
}

async function rsaOf(reader: SshReader): Promise<SshVerifier> {
  const [exponent, modulus] = [reader.number(), reader.number()];
  const isSized =
    modulus.length >= LEAST_RSA_BYTES && modulus.length <= MOST_RSA_BYTES && exponent.length <= 4;
  if (!isSized) throw invalidSsh('RSA keys have 2048 to 8192 bits');
  const jwk = { kty: 'RSA', n: encodeBase64Url(modulus), e: encodeBase64Url(exponent) };
  return {
    verify: async (algorithm, signature, signed) => {
      const hash = Object.hasOwn(RSA_HASHES, algorithm) ? RSA_HASHES[algorithm] : undefined;
      if (hash === undefined) return false;
      const algorithmOf = { name: 'RSASSA-PKCS1-v1_5', hash };
      const key = await crypto.subtle.importKey('jwk', jwk, algorithmOf, false, ['verify']);
      return crypto.subtle.verify(algorithmOf, key, signature, signed);
    },
  };
}

async function imported(
  bytes: Bytes,
  algorithm: { readonly name: string; readonly namedCurve?: string },
): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, algorithm, false, ['verify']).catch(() => {
    throw invalidSsh('the key is no point of its curve');
  });
}
