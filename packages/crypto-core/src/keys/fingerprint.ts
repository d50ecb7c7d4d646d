import { type Bytes, concatBytes, decodeBase64Url, encodeBase64, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

/**
 * OpenSSH fingerprint of an RSA public key: `SHA256:` and the unpadded base64 of SHA-256 over the ssh-rsa
 * blob (RFC 4253 §6.6); equals what `ssh-keygen -l` prints.
 *
 * @param publicKey an extractable RSA public key
 * @throws ERR_KEY_INVALID when it is not RSA
 */
export async function fingerprintOf(publicKey: CryptoKey): Promise<string> {
  const { n, e } = await crypto.subtle.exportKey('jwk', publicKey);
  if (!n || !e) throw new SealedSecretsError('ERR_KEY_INVALID', 'not an RSA public key');
  const blob = concatBytes(sshString(encodeUtf8('ssh-rsa')), sshInteger(e), sshInteger(n));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', blob));
  return `SHA256:${encodeBase64(digest).replace(/=+$/, '')}`;
}

/** `string` of RFC 4251 §5: uint32 big-endian length, then the bytes. */
function sshString(bytes: Uint8Array): Bytes {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}

/** `mpint` of RFC 4251 §5 from a JWK member: a zero byte in front when the top bit is set. */
function sshInteger(base64url: string): Bytes {
  const bytes = decodeBase64Url(base64url);
  return sshString((bytes[0] ?? 0) >= 0x80 ? concatBytes(new Uint8Array(1), bytes) : bytes);
}
