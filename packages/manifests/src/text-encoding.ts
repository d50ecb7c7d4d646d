/** The text of a file and the way back to bytes of the same encoding. */
export interface DecodedText {
  /** Without byte order mark. */
  readonly text: string;
  encode(text: string): Uint8Array;
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

const MARK = '\ufeff';

/**
 * Decodes UTF-8, and UTF-16 by its byte order mark, which Windows PowerShell writes and kubectl reads.
 *
 * @returns undefined for anything else
 */
export function decodeStrictly(bytes: Uint8Array): DecodedText | undefined {
  const encoding = encodingOf(bytes);
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith(MARK) ? MARK : '';
    return { text: text.slice(mark.length), encode: (changed) => encodeAs(encoding, mark + changed) };
  } catch {
    return undefined;
  }
}

/** The text of a file in the same encodings, without byte order mark; U+FFFD stands for what is not text. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

function encodingOf([first, second]: Uint8Array): Encoding {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

function encodeAs(encoding: Encoding, text: string): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let at = 0; at < text.length; at++)
    view.setUint16(2 * at, text.charCodeAt(at), encoding === 'utf-16le');
  return new Uint8Array(view.buffer);
}
