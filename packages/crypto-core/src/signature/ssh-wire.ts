import { type Bytes, concatBytes, decodeUtf8, encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';

/** Reads fields of SSH's wire format (RFC 4251 §5) one after the other. @throws ERR_KEY_INVALID */
export class SshReader {
  readonly #bytes: Bytes;
  #at = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Bytes {
    if (length > this.#bytes.length - this.#at) throw invalidSsh();
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  uint32(): number {
    const bytes = this.take(4);
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  }

  string(): Bytes {
    return this.take(this.uint32());
  }

  /** A string of ASCII, such as the name of an algorithm. */
  name(): string {
    const text = decodeUtf8(this.string());
    if (!/^[\x21-\x7e]*$/.test(text)) throw invalidSsh();
    return text;
  }

  /** A number that is not negative, without leading zeros. */
  number(): Bytes {
    const bytes = this.string();
    const [first = 0x80, second = 0x80] = bytes;
    if (first >= 0x80 || (first === 0 && second < 0x80)) throw invalidSsh();
    return first === 0 ? bytes.subarray(1) : bytes;
  }
}

/** A string of the wire format. */
export function sshString(content: string | Uint8Array): Bytes {
  const bytes = typeof content === 'string' ? encodeUtf8(content) : content;
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return concatBytes(length, bytes);
}

/** The error for what is not in the format of SSH. */
export function invalidSsh(reason = 'it is cut or not in the format of SSH'): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', reason);
}
