import { decodeBase64, parseEnvelope } from '@fuin/crypto-core';

/**
 * The wrapped key is as long as the RSA modulus: 1,024 to 16,384 bits. The first two characters of a text
 * decode to a much larger length.
 */
const MIN_WRAPPED_KEY_BYTES = 128;
const MAX_WRAPPED_KEY_BYTES = 2_048;

/** What the value of an item looks like to someone without a key. */
export type Looks = 'sealed' | 'damaged' | 'reference' | 'clear';

/**
 * Distinguishes a sealed value, a damaged one, a template expression for a value that is stored elsewhere,
 * and anything else.
 */
export function looksOf(value: unknown): Looks {
  if (typeof value !== 'string') return 'clear';
  if (isReference(value.trim())) return 'reference';
  try {
    const { length } = parseEnvelope(decodeBase64(value)).wrappedKey;
    if (length >= MIN_WRAPPED_KEY_BYTES && length <= MAX_WRAPPED_KEY_BYTES) return 'sealed';
  } catch {
    // it is no sealed value, but may have been one
  }
  return isRemnant(value) ? 'damaged' : 'clear';
}

/**
 * Whether the value begins like a sealed one: with the length of the wrapped key, two bytes that no text
 * begins with.
 */
function isRemnant(value: string): boolean {
  const compact = value.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]{32,}={0,2}$/.test(compact)) return false;
  const [high = 0, low = 0] = decodeBase64(compact.slice(0, 4));
  const length = high * 256 + low;
  return length % 32 === 0 && length >= MIN_WRAPPED_KEY_BYTES && length <= MAX_WRAPPED_KEY_BYTES;
}

/**
 * Whether the value is one template expression that names its source. A literal in it may be the value
 * itself.
 */
function isReference(text: string): boolean {
  const [, inner = ''] = /^\{\{((?:(?!\}\})[\s\S])*)\}\}$/.exec(text) ?? [];
  const isLiteralUsed =
    /\b(?:default|coalesce|ternary|b64enc|printf|print|println|or|and|cat|replace|dict|list)\s+(?:[^|]*\s)?\(*["'`]|[:=]\s*["'`]|\/\*/.test(
      inner,
    ); // a comment may hold anything
  const withoutLiterals = inner.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*'/g, '');
  return !isLiteralUsed && /[.$]\w/.test(withoutLiterals);
}
