import { type Bytes, concatBytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

const LENGTH_BYTES = 2;
const TAG_BYTES = 16;

/** One sealed value taken apart; both parts are views of the parsed bytes (docs/wire-format.md §1). */
export interface Envelope {
  /** RSA-OAEP ciphertext of the session key, as long as the modulus: 256 bytes for RSA-2048, 512 for RSA-4096. */
  readonly wrappedKey: Bytes;
  /** AES-256-GCM ciphertext followed by its 16-byte tag. */
  readonly ciphertext: Bytes;
}

/** Wire format of one value: length of the wrapped key as uint16 big-endian, wrapped key, ciphertext with tag. */
export function encodeEnvelope({ wrappedKey, ciphertext }: Envelope): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint16(0, wrappedKey.length);
  return concatBytes(length, wrappedKey, ciphertext);
}

/**
 * Takes the bytes of one sealed value apart, without copying.
 *
 * @throws ERR_ENVELOPE_MALFORMED when the bytes end before the wrapped key or the GCM tag does
 */
export function parseEnvelope(bytes: Bytes): Envelope {
  const isReadable = bytes.length >= LENGTH_BYTES;
  const keyLength = isReadable ? new DataView(bytes.buffer, bytes.byteOffset).getUint16(0) : 0;
  const keyEnd = LENGTH_BYTES + keyLength;
  if (keyLength === 0 || bytes.length < keyEnd + TAG_BYTES) {
    throw new SealedSecretsError(
      'ERR_ENVELOPE_MALFORMED',
      `sealed value is too short: ${bytes.length} bytes`,
    );
  }
  return { wrappedKey: bytes.subarray(LENGTH_BYTES, keyEnd), ciphertext: bytes.subarray(keyEnd) };
}
