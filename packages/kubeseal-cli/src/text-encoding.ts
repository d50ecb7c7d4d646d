import { SealedSecretsError } from '@fuin/crypto-core';

/** The text of a file and the way back to bytes of the same encoding. */
export interface DecodedText {
  /** Without byte order mark. */
  readonly text: string;
  encode(text: string): Uint8Array;
}

const MARK = '\ufeff';
const NO_SECRETS_FOUND = 'no secrets found. Ensure the input is valid and UTF-8 encoded';

/**
 * Decodes UTF-8, and UTF-16 by its byte order mark, which Windows PowerShell writes and kubectl reads.
 *
 * @param where `stdin` or the file's name, for messages
 * @throws ERR_MANIFEST_INVALID for anything else
 */
export function decodeText(bytes: Uint8Array, where: string): DecodedText {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith(MARK) ? MARK : '';
    const encode = (changed: string) => {
      if (encoding === 'utf-8') return Buffer.from(mark + changed);
      const units = Buffer.from(mark + changed, 'utf16le');
      return isBig ? units.swap16() : units;
    };
    return { text: text.slice(mark.length), encode };
  } catch {
    throw noSecretsFound(`${where} is neither UTF-8 nor UTF-16 with a byte order mark`);
  }
}

/** The error for input without any object, in the words people grep for. */
export function noSecretsFound(hint: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', NO_SECRETS_FOUND, { hint });
}

/** Whether an error is that one. */
export function isNoSecretsFound({ message }: SealedSecretsError): boolean {
  return message === NO_SECRETS_FOUND;
}
