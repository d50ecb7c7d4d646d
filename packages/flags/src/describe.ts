import type { AliasRow, FlagRow, FlagTable } from './table.ts';
import { formatDuration } from './values/duration.ts';
import { quote } from './values/quote.ts';

type ValueRow = Exclude<FlagRow, AliasRow>;

const TYPE_NAMES: Readonly<Record<ValueRow['type'], string>> = {
  string: 'string',
  bool: '',
  int: 'int',
  float32: 'float32',
  duration: 'duration',
  stringSlice: 'strings',
  stringArray: 'stringArray',
  enum: 'string',
};

/** Defaults of a type of the program's own that pflag takes for the zero value. */
const ZERO_TEXTS = ['0', 'false', '<nil>'];

/** What help says about one flag, in parts, so that completion and manual can use it too. */
export interface FlagHelp {
  readonly name: string;
  readonly short: string | undefined;
  /** Name of the value's type; empty for flags without a value. */
  readonly typeName: string;
  readonly help: string;
  /** The default as text; undefined for a type's zero value. */
  readonly defaultText: string | undefined;
  /** The only valid values; empty if others are valid too. */
  readonly choices: readonly string[];
  /** Values that completion offers. */
  readonly suggestions: readonly string[];
  readonly isFile: boolean;
  /** Whether an environment variable sets the flag. */
  readonly hasEnv: boolean;
}

/** The visible flags of a table, sorted by name like pflag. */
export function visibleFlags(table: FlagTable): FlagHelp[] {
  const names = Object.keys(table).sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name) => {
    const row = table[name];
    const isHidden = row?.type === 'alias' || row?.hidden || row?.deprecated !== undefined;
    return row === undefined || isHidden ? [] : [describe(name, row)];
  });
}

function describe(name: string, row: ValueRow): FlagHelp {
  const choices = row.type === 'enum' ? row.choices : [];
  return {
    name,
    short: row.short,
    typeName: row.typeName ?? TYPE_NAMES[row.type],
    help: row.help,
    defaultText: defaultText(row),
    choices,
    suggestions: row.type === 'enum' ? choices : (row.suggestions ?? []),
    isFile: row.isFile ?? false,
    hasEnv: row.env ?? true,
  };
}

/** What a flag does, and its choices. */
export function helpWithChoices({ help, choices }: FlagHelp): string {
  return choices.length === 0 ? help : `${help.replace(/\.$/, '')}. One of: ${choices.join(', ')}`;
}

function defaultText(row: ValueRow): string | undefined {
  const { default: value } = row;
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.join(',')}]`;
  if (value === '' || value === false || value === 0) return undefined;
  if (row.type === 'duration') return formatDuration(row.default);
  if (typeof value !== 'string') return String(value);
  if (row.typeName === undefined) return quote(value);
  return ZERO_TEXTS.includes(value) ? undefined : value;
}
