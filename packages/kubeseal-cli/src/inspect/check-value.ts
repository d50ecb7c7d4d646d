import { looksSealed } from '@fuin/crypto-core';

/** What the value of an item looks like without a key. */
export type Looks = 'sealed' | 'damaged' | 'reference' | 'clear';

/**
 * Distinguishes a sealed value, a damaged one, a template expression for a value that is stored elsewhere,
 * and anything else.
 */
export function looksOf(value: unknown): Looks {
  if (typeof value !== 'string') return 'clear';
  if (isReference(value.trim())) return 'reference';
  const looks = looksSealed(value);
  return looks === 'no' ? 'clear' : looks;
}

/** What is longer may hold a value: an expression only names one. */
const MAX_EXPRESSION = 10_000;

/** One template expression that names where the value comes from; a literal in it may be the value. */
function isReference(text: string): boolean {
  if (text.length > MAX_EXPRESSION) return false;
  const [, inner = ''] = /^\{\{((?:(?!\}\})[\s\S])*)\}\}$/.exec(text) ?? [];
  const isLiteralUsed =
    /\b(?:default|coalesce|ternary|b64enc|printf|print|println|or|and|cat|replace|dict|list)\s+(?:[^|]*\s)?\(*["'`]|[:=]\s*["'`]|\/\*/.test(
      inner,
    ); // a comment may hold anything
  const withoutLiterals = inner.replace(/"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']*'/g, '');
  return !isLiteralUsed && (/[.$]\w/.test(withoutLiterals) || NAMELESS.test(inner));
}

/** `.` alone, which a range sets, or what a named template makes of it: `include "shop.password" .` */
const NAMELESS = /^-?\s*(?:(?:include|template)\s+"[^"]*"\s+)?[.$]\s*(?:\|\s*[\w\s|]*)?-?$/;
