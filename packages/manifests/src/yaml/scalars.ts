import { decodeBase64 } from '@fuin/crypto-core';

/** What an unquoted YAML scalar stands for. Integers are bigint, floats are number. */
export type PlainValue = string | boolean | number | bigint | null;

const WORDS: ReadonlyMap<string, PlainValue> = new Map<string, PlainValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(asTrue),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(asFalse),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, PlainValue] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, PlainValue] => [word, Number.NaN]),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word): [string, PlainValue] => [
    word,
    Infinity,
  ]),
  ...['-.inf', '-.Inf', '-.INF'].map((word): [string, PlainValue] => [word, -Infinity]),
]);
const INTEGER = /^[-+]?(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const BASE60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const DATE = /^\d{4}-(\d\d?)-(\d\d?)(?:[Tt ](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;
const FIRST = /^[-+0-9yYnNtTfFoO~.]/;

/**
 * Resolves an unquoted scalar like go-yaml v2, which reads manifests in Kubernetes: YAML 1.1 booleans and
 * octals, but no base-60 numbers; dates stay strings.
 */
export function resolvePlain(text: string): PlainValue {
  if (text !== '' && !FIRST.test(text)) return text;
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (text.startsWith('.')) return FLOAT.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
  if (!/^[-+0-9]/.test(text) || isDate(text)) return text;
  const digits = text.replaceAll('_', '');
  if (INTEGER.test(digits)) {
    const integer = toInteger(digits);
    if (integer !== undefined) return integer;
  }
  const isFloat = FLOAT.test(digits) && Number.isFinite(Number(digits)); // Go refuses what overflows
  return isFloat ? Number(digits) : text;
}

const CORE_TAG = 'tag:yaml.org,2002:';

/**
 * Resolves a scalar with a tag like go-yaml v2: a core tag must fit the text (`!!int "010"` is 8), `!!binary`
 * is decoded, all other tags make strings.
 *
 * @returns undefined when the text is not what the tag says, or the bytes are not UTF-8 (Go would replace
 * characters)
 */
export function resolveTagged(tag: string, text: string): PlainValue | undefined {
  const type = tag.startsWith(CORE_TAG) ? tag.slice(CORE_TAG.length) : '';
  if (type === 'binary') return decodeBinary(text);
  if (type === 'timestamp') return isDate(text) ? text : undefined;
  if (!['null', 'bool', 'int', 'float'].includes(type)) return text;
  const value = resolvePlain(text);
  if (type === 'float' && typeof value === 'bigint') return Number(value);
  return typeOf(value) === type ? value : undefined;
}

function typeOf(value: PlainValue): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' ? 'int' : typeof value === 'number' ? 'float' : 'str';
}

function decodeBinary(text: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(decodeBase64(text));
  } catch {
    return undefined;
  }
}

/** Whether an unquoted text would be read as something else, or by other parsers as a number. */
export function needsQuotes(text: string): boolean {
  return typeof resolvePlain(text) !== 'string' || BASE60.test(text) || isDate(text);
}

/**
 * The string that Go's reader makes of another scalar where it expects a string: `yes` gives `true`, `010`
 * gives `8`.
 */
export function coerceToText(value: boolean | number | bigint): string {
  return typeof value === 'number' ? formatFloat(value) : String(value);
}

/** The name that a key gives that is not a string. */
export function coerceKey(value: boolean | number | bigint): string {
  if (typeof value !== 'number' || Number.isFinite(value)) return coerceToText(value);
  if (Number.isNaN(value)) return '.nan';
  return value > 0 ? '.inf' : '-.inf';
}

/**
 * A float in Go's format 'g' with the shortest digits that give the same 32-bit float. That loses digits of a
 * double, and it is what Kubernetes' YAML reader does.
 */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(Math.fround(value))) return value > 0 ? '+Inf' : '-Inf';
  const single = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(single.toExponential(digits - 1))) !== single) digits += 1;
  const scientific = single.toExponential(digits - 1);
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1));
  if (exponent >= -4 && exponent < 6) return Number(scientific).toFixed(Math.max(0, digits - 1 - exponent));
  return scientific.replace(/e([-+])(\d)$/, 'e$10$2');
}

/** @returns undefined outside of int64 and uint64 */
function toInteger(digits: string): bigint | undefined {
  const unsigned = digits.replace(/^[-+]/, '');
  const magnitude = BigInt(/^0\d/.test(unsigned) ? `0o${unsigned.slice(1)}` : unsigned.toLowerCase());
  const value = digits.startsWith('-') ? -magnitude : magnitude;
  const fits =
    BigInt.asIntN(64, value) === value || (!/^[-+]/.test(digits) && BigInt.asUintN(64, value) === value);
  return fits ? value : undefined;
}

function isDate(text: string): boolean {
  const [, month, day, hour = '0', minute = '0', second = '0'] = DATE.exec(text) ?? [];
  if (month === undefined || day === undefined) return false;
  const year = Number(text.slice(0, 4));
  const lastDay = new Date(Date.UTC(2000, Number(month), 0)).setUTCFullYear(year, Number(month), 0);
  const isDay =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= new Date(lastDay).getUTCDate();
  return isDay && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

function asTrue(word: string): [string, PlainValue] {
  return [word, true];
}

function asFalse(word: string): [string, PlainValue] {
  return [word, false];
}
