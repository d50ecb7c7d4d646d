/** The text of a file and the way back to bytes of the same encoding. */
export interface DecodedText {
  /** Without byte order mark. */
  readonly text: string;
  encode(text: string): Uint8Array;
}

const MARK = '\ufeff';

/**
 * Decodes UTF-8, and UTF-16 by its byte order mark, which Windows PowerShell writes and kubectl reads.
 *
 * @returns undefined for anything else
 */
export function decodeStrictly(bytes: Uint8Array): DecodedText | undefined {
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
    return undefined;
  }
}
