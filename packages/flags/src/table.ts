interface CommonRow {
  /** One letter, without the dash. */
  readonly short?: string;
  readonly help: string;
  /** Works, but help and completion do not show it. */
  readonly hidden?: boolean;
  /** What to do instead; printed as `Flag --x has been deprecated, <text>` whenever the flag is given. */
  readonly deprecated?: string;
  /** False for flags that no environment variable sets. Default true. */
  readonly env?: boolean;
  /** How help calls the value, where it is not the type's usual name; also leaves a default unquoted. */
  readonly typeName?: string;
  /** Values that completion offers; others may be legal too. */
  readonly suggestions?: readonly string[];
  /** The value is a file name: completion offers files. */
  readonly isFile?: boolean;
  /** Says what is wrong with a value that the type alone would accept; undefined when nothing is. */
  readonly check?: (text: string) => string | undefined;
}

interface Typed<Type extends string, Value> extends CommonRow {
  readonly type: Type;
  readonly default: Value;
}

/** Another name of a flag in the same table. */
export interface AliasRow extends CommonRow {
  readonly type: 'alias';
  readonly target: string;
}

/** One flag: its type decides how texts become values. Durations are milliseconds, in tables and in values. */
export type FlagRow =
  | Typed<'string', string>
  | Typed<'bool', boolean>
  | Typed<'int', number>
  | Typed<'float', number>
  | Typed<'duration', number>
  | Typed<'stringSlice', readonly string[]>
  | Typed<'stringArray', readonly string[]>
  | (Typed<'enum', string> & { readonly choices: readonly string[] })
  | AliasRow;

/** All flags of a program by their long names. */
export type FlagTable = Readonly<Record<string, FlagRow>>;

type ValueOf<Row extends FlagRow> = Row extends { type: 'bool' }
  ? boolean
  : Row extends { type: 'int' | 'float' | 'duration' }
    ? number
    : Row extends { type: 'stringSlice' | 'stringArray' }
      ? readonly string[]
      : Row extends { type: 'enum'; choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The typed values of a table's flags by long name; aliases have none of their own. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table as Table[Name] extends { type: 'alias' } ? never : Name]: ValueOf<
    Table[Name]
  >;
};

/**
 * Declares the flags of a program, once, for parsing, help, completion and manual.
 *
 * @throws TypeError when a short form is taken twice or an alias leads nowhere: a bug of the program
 */
export function defineFlags<const Table extends FlagTable>(table: Table): Table {
  const owners = new Map<string, string>();
  for (const [name, row] of Object.entries<FlagRow>(table)) {
    if (row.type === 'alias' && !Object.hasOwn(table, row.target))
      throw new TypeError(`--${name} leads nowhere`);
    if (row.short === undefined) continue;
    const owner = owners.get(row.short);
    if (owner !== undefined) throw new TypeError(`-${row.short} is short for --${owner} and --${name}`);
    owners.set(row.short, name);
  }
  return Object.freeze(table);
}
