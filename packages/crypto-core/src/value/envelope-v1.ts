import { type Bytes, concatBytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

const LENGTH_BYTES = 2;
const TAG_BYTES = 16;
/** The wrapped key is as long as the RSA modulus: 1,024 to 16,384 bits. Text begins with greater numbers. */
const MIN_WRAPPED_KEY_BYTES = 128;
const MAX_WRAPPED_KEY_BYTES = 2_048;

/**
 * One sealed value of upstream's format, taken apart (docs/wire-format.md §1). Both parts are views of the
 * parsed bytes.
 */
export interface EnvelopeV1 {
  readonly format: 'v1';
  /**
   * RSA-OAEP ciphertext of the session key, as long as the modulus: 256 bytes for RSA-2048, 512 for RSA-4096.
   */
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

/** Lengths that everyone can see of a sealed value. */
export interface SealedSizes {
  /** Of the modulus of the key that it was sealed for, rounded up to whole bytes. */
  readonly keyBits: number;
  /** Of the plaintext. */
  readonly valueBytes: number;
}

export function sizesV1({ wrappedKey, ciphertext }: EnvelopeV1): SealedSizes {
  return { keyBits: 8 * wrappedKey.length, valueBytes: ciphertext.length - TAG_BYTES };
}

/**
 * Whether the first two bytes are a length of a wrapped key that a real key has; no text begins like that.
 */
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
