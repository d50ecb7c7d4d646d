import { Command, Option } from 'commander';
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
  readonly choices: readonly string[];
}

/** The visible flags of a table, sorted by name as pflag sorts them. */
export function visibleFlags(table: FlagTable): FlagHelp[] {
  const names = Object.keys(table).sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name) => {
    const row = table[name];
    return row === undefined || row.type === 'alias' || row.hidden ? [] : [describe(name, row)];
  });
}

/** The help text of a program, laid out as pflag does: `Usage of <name>:` and one line per flag. */
export function formatHelp(programName: string, table: FlagTable): string {
  return commandOf(programName, table).helpInformation();
}

/** A commander command with the table's flags; parsing stays with parseFlags, whose rules commander does not know. */
export function commandOf(programName: string, table: FlagTable): Command {
  const command = new Command(programName).helpOption(false).helpCommand(false);
  for (const flag of visibleFlags(table)) {
    const short = flag.short === undefined ? '' : `-${flag.short}, `;
    const value = flag.typeName === '' ? '' : ` <${flag.typeName}>`;
    command.addOption(new Option(`${short}--${flag.name}${value}`, helpOf(flag)));
  }
  command.configureHelp({
    optionTerm: (option) => {
      const head = option.short === undefined ? '      ' : `  ${option.short}, `;
      return `${head}${option.long ?? ''}${/<(.*)>/.exec(option.flags)?.[1]?.replace(/^/, ' ') ?? ''}`;
    },
    formatHelp: (shown, helper) => {
      const width = helper.longestOptionTermLength(shown, helper);
      const lines = helper
        .visibleOptions(shown)
        .map((option) => `${helper.optionTerm(option).padEnd(width)}   ${option.description}\n`);
      return `Usage of ${shown.name()}:\n${lines.join('')}`;
    },
  });
  return command;
}

function describe(name: string, row: ValueRow): FlagHelp {
  return {
    name,
    short: row.short,
    typeName: row.typeName ?? TYPE_NAMES[row.type],
    help: row.help,
    defaultText: defaultText(row),
    choices: row.type === 'enum' ? row.choices : [],
  };
}

function helpOf({ help, defaultText }: FlagHelp): string {
  return defaultText === undefined ? help : `${help} (default ${defaultText})`;
}

function defaultText(row: ValueRow): string | undefined {
  const { default: value } = row;
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.join(',')}]`;
  if (value === '' || value === false || value === 0) return undefined;
  if (row.type === 'duration') return formatDuration(row.default);
  return typeof value === 'string' && row.typeName === undefined ? quote(value) : String(value);
}
