import { SealedSecretsError } from './errors.ts';

/** Bytes over an ArrayBuffer, as Web Crypto wants them: views of shared memory are not accepted. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Joins byte strings into a new buffer. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/**
 * UTF-8 bytes of a string; lone surrogates become U+FFFD as in the Encoding standard.
 *
 * @example
 * ```js
 * import { encodeUtf8 } from '@fuin/crypto-core';
 *
 * console.log(encodeUtf8('schlüssel').length); // 10
 * ```
 */
export function encodeUtf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/**
 * String of UTF-8 bytes; invalid sequences become U+FFFD. A byte order mark is kept.
 *
 * @example
 * ```js
 * import { decodeUtf8, encodeUtf8 } from '@fuin/crypto-core';
 *
 * console.log(decodeUtf8(encodeUtf8('schlüssel'))); // schlüssel
 * ```
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/**
 * Standard base64 with padding (RFC 4648 §4), one line.
 *
 * @example
 * ```js
 * import { encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
 *
 * console.log(encodeBase64(encodeUtf8('hunter2'))); // aHVudGVyMg==
 * ```
 */
export function encodeBase64(bytes: Uint8Array): string {
  const CHUNK_BYTES = 0x8000; // fromCharCode takes its input as arguments; more would overflow the stack
  let binary = '';
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    // not by spread, which takes each byte from an iterator
    binary += Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, start + CHUNK_BYTES));
  }
  return btoa(binary);
}

/**
 * Bytes of standard base64 with padding (RFC 4648 §4), as strict as Go's encoding/base64: CR and LF are
 * skipped; everything else outside the alphabet, missing padding and whatever follows the padding are
 * refused.
 *
 * @throws ERR_ENVELOPE_MALFORMED `illegal base64 data at input byte N`, N counted as Go counts it
 * @example
 * ```js
 * import { decodeBase64, decodeUtf8 } from '@fuin/crypto-core';
 *
 * console.log(decodeUtf8(decodeBase64('aHVudGVyMg=='))); // hunter2
 * ```
 */
export function decodeBase64(text: string): Bytes {
  const bytes = decodeExactly(text) ?? decodeExactly(text.replace(/[\r\n]/g, ''));
  if (bytes) return bytes;
  throw new SealedSecretsError(
    'ERR_ENVELOPE_MALFORMED',
    `illegal base64 data at input byte ${illegalByte(text)}`,
  );
}

/** @returns undefined for anything that is not base64 with padding, also where atob skips white space */
function decodeExactly(text: string): Bytes | undefined {
  if (text.length % 4 !== 0) return undefined;
  const binary = binaryOf(text);
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  if (binary?.length !== (text.length / 4) * 3 - padding) return undefined;
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function binaryOf(text: string): string | undefined {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
}

/** Unpadded base64url (RFC 4648 §5), as JWK members hold it. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/** Bytes of unpadded base64url (RFC 4648 §5), as JWK members hold them. @throws ERR_ENVELOPE_MALFORMED */
export function decodeBase64Url(text: string): Bytes {
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/');
  return decodeBase64(base64 + '='.repeat((4 - (base64.length % 4)) % 4));
}

/** Lower-case hexadecimal, two digits a byte. */
export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Where Go's decoder would stop: the first byte outside the alphabet, or the end when padding is missing. */
function illegalByte(text: string): number {
  let count = 0; // characters seen that belong to the alphabet
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '\r' || character === '\n') continue;
    if (/[A-Za-z0-9+/]/.test(character)) {
      count += 1;
      continue;
    }
    const isPadding = character === '=' && count % 4 >= 2;
    if (!isPadding) return index;
    return illegalPadding(text, index, count % 4);
  }
  return text.length - (count % 4);
}

/**
 * Where Go's decoder stops after the first legal `=`: a second one must follow where two are due, then only
 * line ends.
 */
function illegalPadding(text: string, first: number, quantum: number): number {
  const rest = /^[\r\n]*/;
  let end = first + 1;
  end += rest.exec(text.slice(end))?.[0].length ?? 0;
  if (quantum === 2) {
    if (end >= text.length) return text.length;
    if (text.charAt(end) !== '=') return end - 1;
    end += 1;
    end += rest.exec(text.slice(end))?.[0].length ?? 0;
  }
  return end;
}
