import { formatDuration } from './duration.ts';
import type { AliasRow, FlagRow, FlagTable } from './table.ts';
import { quote } from './values.ts';

type ValueRow = Exclude<FlagRow, AliasRow>;

const TYPE_NAMES: Readonly<Record<ValueRow['type'], string>> = {
  string: 'string',
  bool: '',
  int: 'int',
  float: 'float',
  duration: 'duration',
  stringSlice: 'strings',
  stringArray: 'stringArray',
  enum: 'string',
};

/** What help says of one flag, in the parts that completion and manual use too. */
export interface FlagHelp {
  readonly name: string;
  readonly short: string | undefined;
  /** Name of the value's type; empty for flags that take none. */
  readonly typeName: string;
  readonly help: string;
  /** The default as text; undefined for a type's zero value. */
  readonly defaultText: string | undefined;
  /** The only values it takes; empty where others are taken too. */
  readonly choices: readonly string[];
  /** Values that completion offers. */
  readonly suggestions: readonly string[];
  readonly isFile: boolean;
  /** Whether an environment variable sets it. */
  readonly hasEnv: boolean;
}

/** The visible flags of a table, sorted by name as pflag sorts them. */
export function visibleFlags(table: FlagTable): FlagHelp[] {
  const names = Object.keys(table).sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name) => {
    const row = table[name];
    return row === undefined || row.type === 'alias' || row.hidden ? [] : [describe(name, row)];
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

/** What a flag does, and the values it takes if these are few. */
export function helpWithChoices({ help, choices }: FlagHelp): string {
  return choices.length === 0 ? help : `${help.replace(/\.$/, '')}. One of: ${choices.join(', ')}`;
}

function defaultText(row: ValueRow): string | undefined {
  const { default: value } = row;
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.join(',')}]`;
  if (value === '' || value === false || value === 0) return undefined;
  if (row.type === 'duration') return formatDuration(row.default);
  return typeof value === 'string' && row.typeName === undefined ? quote(value) : String(value);
}
