import { quote } from './quote.ts';

/** A number, or in Go's words why a string is none. */
export type NumberReading = { readonly value: number } | { readonly reason: string };

/** Go accepts an underscore between two digits and after the prefix. */
const INTEGER = /^[+-]?(0[xX](_?[0-9a-fA-F])+|0[oO](_?[0-7])+|0[bB](_?[01])+|0(_?[0-7])*|[1-9](_?[0-9])*)$/;
const DIGITS = '[0-9](_?[0-9])*';
const DECIMAL = new RegExp(`^[+-]?(${DIGITS}(\\.(${DIGITS})?)?|\\.${DIGITS})([eE][+-]?${DIGITS})?$`);
const INFINITY = /^[+-]?inf(inity)?$/i;

/** Go's base 0: 0x, 0o, 0b; a leading zero is octal too. Accepts 64 bits, and rounds above 2^53. */
export function readInt(text: string): NumberReading {
  if (!INTEGER.test(text)) return failure('ParseInt', text, 'invalid syntax');
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const magnitude = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  return BigInt.asIntN(64, value) === value
    ? { value: Number(value) }
    : failure('ParseInt', text, 'value out of range');
}

/** A decimal fraction in the range of a float32, with the precision of a double. */
export function readFloat32(text: string): NumberReading {
  if (/^nan$/i.test(text)) return { value: Number.NaN };
  if (INFINITY.test(text)) return { value: text.startsWith('-') ? -Infinity : Infinity };
  if (!DECIMAL.test(text)) return failure('ParseFloat', text, 'invalid syntax');
  const value = Number(text.replaceAll('_', ''));
  return Number.isFinite(Math.fround(value)) ? { value } : failure('ParseFloat', text, 'value out of range');
}

function failure(parser: string, text: string, reason: string): NumberReading {
  return { reason: `strconv.${parser}: parsing ${quote(text)}: ${reason}` };
}
