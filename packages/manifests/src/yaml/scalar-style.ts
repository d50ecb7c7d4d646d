import { needsQuotes } from './scalars.ts';

const WIDTH = 80;
const INDENT_HINT = '2';
/**
 * All but what YAML 1.1 can show unescaped: printable characters without NEL, byte order mark and 4-byte
 * UTF-8.
 */
const UNPRINTABLE = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const BREAK = /[\r\n\u0085\u2028\u2029]/;
const SPACE_BREAK = / [\r\n\u0085\u2028\u2029]/;
const BREAK_SPACE = /[\r\n\u0085\u2028\u2029] /;
const INDICATOR = /^[ #,[\]{}&*!|>'"%@`]|^(---|\.\.\.)|^[?:-]( |$)|:( |$)| #| $/;
const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

/** Where a scalar starts and how far the lines after its first are indented. */
export interface Place {
  readonly column: number;
  readonly indent: number;
}

/** Whether a string holds any line break of YAML 1.1. */
export function hasLineBreak(text: string): boolean {
  return BREAK.test(text);
}

/**
 * A string as a YAML scalar in the style and with the folding that go-yaml v2 chooses.
 *
 * @param place of a value; absent for a key, which is never folded
 */
export function formatText(text: string, place?: Place): string {
  const inside = place && { ...place, column: place.column + 1 };
  switch (styleOf(text, place === undefined)) {
    case 'literal':
      return literal(text, place?.indent ?? 0);
    case 'plain':
      return folded(text, place, 0);
    case 'single':
      return `'${folded(text.replaceAll("'", "''"), inside, 1)}'`;
    case 'double':
      return doubleQuoted(text, inside);
  }
}

function styleOf(text: string, isKey: boolean): 'plain' | 'single' | 'double' | 'literal' {
  const isUnsafe = UNPRINTABLE.test(text) || SPACE_BREAK.test(text);
  if (text.includes('\n')) return isKey || isUnsafe || text.endsWith(' ') ? 'double' : 'literal';
  if (isUnsafe || needsQuotes(text)) return 'double';
  if (!BREAK.test(text) && !INDICATOR.test(text)) return 'plain';
  return BREAK_SPACE.test(text) ? 'double' : 'single';
}

function staysOnOneLine(text: string, { column }: Place): boolean {
  return (column + text.length <= WIDTH || !text.includes(' ')) && !BREAK.test(text);
}

/** Breaks a string at single spaces past the width, but not at spaces beside the quotes (`guard`). */
function folded(text: string, place: Place | undefined, guard: 0 | 1): string {
  if (!place || staysOnOneLine(text, place)) return text;
  const characters = [...text];
  const last = characters.length - 1;
  let { column } = place;
  let result = '';
  for (const [at, character] of characters.entries()) {
    const next = characters[at + 1] ?? '';
    const isLoneSpace = character === ' ' && characters[at - 1] !== ' ' && next !== ' ';
    const breaks = isLoneSpace && column > WIDTH && at >= guard && at <= last - guard;
    const endsLine = breaks || (BREAK.test(character) && at < last && !BREAK.test(next));
    result += (breaks ? '\n' : character) + (endsLine ? ' '.repeat(place.indent) : '');
    column = endsLine ? place.indent : column + 1;
  }
  return result;
}

function doubleQuoted(text: string, place: Place | undefined): string {
  const characters = [...text];
  const escapesAll = text.startsWith('\ufeff'); // a quirk of go-yaml
  let column = place?.column ?? 0;
  let result = '';
  for (const [at, character] of characters.entries()) {
    const isInside = at > 0 && at < characters.length - 1;
    const isFirstSpace = character === ' ' && characters[at - 1] !== ' ';
    const breaks = place !== undefined && !escapesAll && isFirstSpace && isInside && column > WIDTH;
    const shown = breaks ? (characters[at + 1] === ' ' ? '\\' : '') : escaped(character, escapesAll);
    if (breaks) {
      result += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
    }
    result += shown;
    column += shown === character ? 1 : shown.length;
  }
  return `"${result}"`;
}

/** The character, or its escape where double quotes need one. */
function escaped(character: string, isForced: boolean): string {
  const isPlain =
    !UNPRINTABLE.test(character) && !BREAK.test(character) && character !== '"' && character !== '\\';
  if (isPlain && !isForced) return character;
  const short = ESCAPES[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function literal(text: string, indent: number): string {
  const isBreak = (character: string | undefined) => character !== undefined && BREAK.test(character);
  const indentHint = text.startsWith(' ') || isBreak(text[0]) ? INDENT_HINT : '';
  const keepsAll = text.length === 1 || isBreak(text.at(-2));
  const chompHint = !isBreak(text.at(-1)) ? '-' : keepsAll ? '+' : '';
  const body = text.replace(
    /(^|[\r\n\u0085\u2028\u2029])(?=[^\r\n\u0085\u2028\u2029])/g,
    `$1${' '.repeat(indent)}`,
  );
  return `|${indentHint}${chompHint}\n${body.replace(/\n$/, '')}`;
}
