import { type Bytes, concatBytes, decodeBase64, encodeUtf8 } from '../bytes.ts';
import { SIGNATURE_NAMESPACE } from './signed-content.ts';
import { readSshKey } from './ssh-key.ts';
import { invalidSsh, SshReader, sshString } from './ssh-wire.ts';

/** A detached signature (SSHSIG of OpenSSH, PROTOCOL.sshsig). */
export interface SshSignature {
  /** The public key that is said to have made it, as allowed-signers files write it. */
  readonly publicKey: Bytes;
  /** The hash that was signed, as SSH names it. */
  readonly hash: keyof typeof HASHES;
  readonly algorithm: string;
  readonly signature: Bytes;
}

const MAGIC = encodeUtf8('SSHSIG');
const VERSION = 1;
const HASHES = { sha256: 'SHA-256', sha512: 'SHA-512' } as const;
/** An RSA key of 8192 bits and its signature need 3,000 bytes. */
const MOST_CHARACTERS = 8192;

/**
 * Reads a signature in base64, with or without the lines that ssh-keygen puts around it.
 *
 * @throws ERR_KEY_INVALID for what is none, and for one of another namespace
 */
export function parseSshSignature(text: string): SshSignature {
  if (text.length > MOST_CHARACTERS) throw invalidSsh('it is too long');
  const reader = new SshReader(bytesOf(text));
  const magic = reader.take(MAGIC.length);
  if (magic.some((byte, at) => byte !== MAGIC[at]) || reader.uint32() !== VERSION) throw invalidSsh();
  const publicKey = reader.string();
  if (reader.name() !== SIGNATURE_NAMESPACE) throw invalidSsh('it was made for another purpose');
  if (reader.string().length > 0) throw invalidSsh();
  const hash = reader.name();
  if (!isHash(hash)) throw invalidSsh();
  const inner = new SshReader(reader.string());
  const [algorithm, signature] = [inner.name(), inner.string()];
  if (!reader.isAtEnd || !inner.isAtEnd) throw invalidSsh();
  return { publicKey, hash, algorithm, signature };
}

/** Whether the key that a signature names made it over these bytes. @throws ERR_KEY_INVALID for other keys */
export async function isMadeOver(
  { publicKey, hash, algorithm, signature }: SshSignature,
  content: Bytes,
): Promise<boolean> {
  const verifier = await readSshKey(publicKey);
  const digest = new Uint8Array(await crypto.subtle.digest(HASHES[hash], content));
  const fields = [SIGNATURE_NAMESPACE, '', hash, digest].map(sshString);
  return verifier.verify(algorithm, signature, concatBytes(MAGIC, ...fields));
}

/** A signature in one line of base64, without the lines that ssh-keygen puts around it. */
export function withoutArmor(text: string): string {
  return text.replace(/-----(?:BEGIN|END) SSH SIGNATURE-----/g, '').replace(/\s+/g, '');
}

function isHash(name: string): name is SshSignature['hash'] {
  return Object.hasOwn(HASHES, name);
}

function bytesOf(text: string): Bytes {
  try {
    return decodeBase64(withoutArmor(text));
  } catch {
    throw invalidSsh('it is not base64');
  }
}
