import { parseDuration } from './duration.ts';
import type { AliasRow, FlagRow } from './table.ts';

/** A value of any flag type. */
export type FlagValue = string | boolean | number | readonly string[];

/** The value of a text, or in Go's words why it is none. */
export type Reading = { readonly value: FlagValue } | { readonly reason: string };

type ValueRow = Exclude<FlagRow, AliasRow>;

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];
const INTEGER = /^[+-]?(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|0[0-7_]*|[1-9][0-9_]*)$/;
const FLOAT = /^[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|inf|infinity|nan)$/i;

/** Reads the text given for a flag as pflag would. */
export function readValue(row: ValueRow, text: string): Reading {
  const objection = row.check?.(text);
  if (objection !== undefined) return { reason: objection };
  switch (row.type) {
    case 'string':
      return { value: text };
    case 'bool':
      return readBool(text);
    case 'int':
      return readInt(text);
    case 'float':
      return FLOAT.test(text) ? { value: toNumber(text) } : syntaxError('ParseFloat', text);
    case 'duration':
      return readDuration(text);
    case 'stringArray':
      return { value: [text] };
    case 'stringSlice':
      return readCsv(text);
    case 'enum':
      return readChoice(row.choices, row.default, text);
  }
}

/** A text in double quotes as Go's %q writes it. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
}

function readBool(text: string): Reading {
  if (TRUE.includes(text)) return { value: true };
  return FALSE.includes(text) ? { value: false } : syntaxError('ParseBool', text);
}

/** Go's base 0: 0x, 0o, 0b, a leading zero is octal too. 64 bits are checked; values past 2^53 lose precision. */
function readInt(text: string): Reading {
  if (!INTEGER.test(text)) return syntaxError('ParseInt', text);
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  const magnitude = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = text.startsWith('-') ? -magnitude : magnitude;
  if (BigInt.asIntN(64, value) !== value) {
    return { reason: `strconv.ParseInt: parsing ${quote(text)}: value out of range` };
  }
  return { value: Number(value) };
}

function toNumber(text: string): number {
  if (/nan/i.test(text)) return Number.NaN;
  return /inf/i.test(text) ? Number(`${text.startsWith('-') ? '-' : ''}Infinity`) : Number(text);
}

function readDuration(text: string): Reading {
  const durationMs = parseDuration(text);
  if (durationMs !== undefined) return { value: durationMs };
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text);
  return { reason: `time: ${isNumber ? 'missing unit in' : 'invalid'} duration ${quote(text)}` };
}

function readChoice(choices: readonly string[], fallback: string, text: string): Reading {
  if (text === '') return { value: fallback };
  return choices.includes(text) ? { value: text } : { reason: `must be one of: ${choices.join(', ')}` };
}

function syntaxError(parser: string, text: string): Reading {
  return { reason: `strconv.${parser}: parsing ${quote(text)}: invalid syntax` };
}

/** The first record of a CSV text (RFC 4180): fields in double quotes may hold commas, line ends and doubled quotes. */
function readCsv(text: string): Reading {
  if (text === '') return { value: [] };
  const fields: string[] = [];
  for (let start = 0; ; ) {
    const field = text[start] === '"' ? readQuoted(text, start) : readBare(text, start);
    if ('reason' in field) return field;
    fields.push(field.text);
    if (text[field.end] !== ',') return { value: fields };
    start = field.end + 1;
  }
}

type CsvField = { readonly text: string; readonly end: number } | { readonly reason: string };

function readBare(text: string, start: number): CsvField {
  const end = start + text.slice(start).search(/[,\r\n]|$/);
  const bareQuote = text.slice(start, end).indexOf('"');
  if (bareQuote >= 0) return csvError(start + bareQuote, 'bare " in non-quoted-field');
  return { text: text.slice(start, end), end };
}

function readQuoted(text: string, start: number): CsvField {
  let content = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') content += text[at];
    else if (text[at + 1] === '"') content += text[++at];
    else if (/^([,\r\n]|$)/.test(text.slice(at + 1))) return { text: content, end: at + 1 };
    else return csvError(at, 'extraneous or missing " in quoted-field');
  }
  return csvError(text.length, 'extraneous or missing " in quoted-field');
}

/** Columns are counted from 1, as encoding/csv counts them. */
function csvError(column: number, reason: string): CsvField {
  return { reason: `parse error on line 1, column ${column + 1}: ${reason}` };
}
