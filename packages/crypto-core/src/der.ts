import { type Bytes, concatBytes } from './bytes.ts';
import { SealedSecretsError } from './errors.ts';

/** DER tags used by the RSA key formats (X.690 §8). */
export const DER = { integer: 0x02, octetString: 0x04, sequence: 0x30 } as const;

/** One DER element: its tag, its content, and where the next one starts. */
export interface DerElement {
  readonly tag: number;
  readonly content: Bytes;
  readonly end: number;
}

/** Writes one DER element with a definite length (X.690 §8.1.3, §10.1). */
export function writeDer(tag: number, ...content: readonly Uint8Array[]): Bytes {
  const body = concatBytes(...content);
  const lengthBytes: number[] = [];
  for (let rest = body.length; rest > 0; rest = Math.floor(rest / 256)) lengthBytes.unshift(rest % 256);
  const length = body.length < 0x80 ? [body.length] : [0x80 + lengthBytes.length, ...lengthBytes];
  return concatBytes(new Uint8Array([tag, ...length]), body);
}

/**
 * Reads the DER element that starts at `offset`; its content is a view.
 *
 * @throws ERR_KEY_INVALID when the bytes end too early or the length is not a definite one of at most 4 bytes
 */
export function readDer(bytes: Bytes, offset = 0): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || first === 0x80 || first > 0x84) throw truncated();
  const lengthSize = first < 0x80 ? 0 : first - 0x80;
  const start = offset + 2 + lengthSize;
  let length = lengthSize === 0 ? first : 0;
  for (const byte of bytes.subarray(offset + 2, start)) length = length * 256 + byte;
  const end = start + length;
  if (end > bytes.length) throw truncated();
  return { tag, content: bytes.subarray(start, end), end };
}

function truncated(): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', 'the key is not valid DER');
}
