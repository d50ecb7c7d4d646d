import type { AliasRow, FlagRow } from '../table.ts';
import { readCsv } from './csv.ts';
import { readDuration } from './duration.ts';
import { readFloat32, readInt } from './numbers.ts';
import { quote } from './quote.ts';

/** A value of any flag type. */
export type FlagValue = string | boolean | number | readonly string[];

/** The value of a string, or in Go's words why it has none. */
export type Reading = { readonly value: FlagValue } | { readonly reason: string };

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** Reads the string given for a flag like pflag. */
export function readValue(row: Exclude<FlagRow, AliasRow>, text: string): Reading {
  const objection = row.check?.(text);
  if (objection !== undefined) return { reason: objection };
  switch (row.type) {
    case 'string':
      return { value: text };
    case 'bool':
      return readBool(text);
    case 'int':
      return readInt(text);
    case 'float32':
      return readFloat32(text);
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

function readBool(text: string): Reading {
  if (TRUE.includes(text)) return { value: true };
  if (FALSE.includes(text)) return { value: false };
  return { reason: `strconv.ParseBool: parsing ${quote(text)}: invalid syntax` };
}

function readChoice(choices: readonly string[], fallback: string, text: string): Reading {
  if (text === '') return { value: fallback };
  return choices.includes(text) ? { value: text } : { reason: `must be one of: ${choices.join(', ')}` };
}
