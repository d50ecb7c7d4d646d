import { type Bytes, concatBytes } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

/** DER tags used by RSA keys and certificates (X.690 §8). */
export const DER = {
  integer: 0x02,
  octetString: 0x04,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  version: 0xa0,
} as const;

const MAX_ELEMENTS = 32;

/** One DER element: its tag, its content, the whole of it, and where the next one starts. */
export interface DerElement {
  readonly tag: number;
  readonly content: Bytes;
  readonly encoded: Bytes;
  readonly end: number;
}

/**
 * Writes one DER element with a definite length (X.690 §8.1.3, §10.1).
 *
 * @example
 * ```js
 * import { DER, writeDer } from '@fuin/crypto-core/x509';
 *
 * console.log(writeDer(DER.integer, new Uint8Array([5])).join(' ')); // 2 1 5
 * ```
 */
export function writeDer(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const body = concatBytes(...content);
  const lengthBytes: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256);
  const length = body.length < 0x80 ? [body.length] : [0x80 + lengthBytes.length, ...lengthBytes];
  return concatBytes(new Uint8Array([tag, ...length]), body);
}

/**
 * Reads the DER element that starts at `offset`; its parts are views.
 *
 * @throws ERR_KEY_INVALID when the bytes end too early or the length is not a definite one of at most 4 bytes
 */
export function readDer(bytes: Bytes, offset = 0): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || first === 0x80 || first > 0x84) throw invalid();
  const lengthSize = first < 0x80 ? 0 : first - 0x80;
  const start = offset + 2 + lengthSize;
  let length = lengthSize === 0 ? first : 0;
  for (const byte of bytes.subarray(offset + 2, start)) length = length * 256 + byte;
  const end = start + length;
  if (end > bytes.length) throw invalid();
  return { tag, content: bytes.subarray(start, end), encoded: bytes.subarray(offset, end), end };
}

/**
 * The elements that stand one after another in `bytes`.
 *
 * @throws ERR_KEY_INVALID as readDer, and for more elements than any key or certificate has
 * @example
 * ```js
 * import { readDerSequence } from '@fuin/crypto-core/x509';
 *
 * console.log(readDerSequence(new Uint8Array([2, 1, 5, 4, 0])).length); // 2
 * ```
 */
export function readDerSequence(bytes: Bytes): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const element = readDer(bytes, offset);
    if (elements.push(element) > MAX_ELEMENTS) throw invalid();
    offset = element.end;
  }
  return elements;
}

function invalid(): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', 'not valid DER');
}
