interface CommonRow {
  /** One letter, without the dash. */
  readonly short?: string;
  readonly help: string;
  /** The flag works, but help, completion and manual do not show it. */
  readonly hidden?: boolean;
  /** What to do instead. Hides the flag; its use prints `Flag --x has been deprecated, <text>`. */
  readonly deprecated?: string;
  /** False if no environment variable sets the flag. Default true. */
  readonly env?: boolean;
  /** How help calls the value, instead of the usual name of the type. A default is then printed unquoted. */
  readonly typeName?: string;
  /** Values that completion offers. Other values may be valid too. */
  readonly suggestions?: readonly string[];
  /** The value is the name of a file, so completion offers files. */
  readonly isFile?: boolean;
  /** Returns what is wrong with a string, or undefined. It runs before the string is read as the type. */
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

/** One flag: its type says how a string becomes a value. Durations are milliseconds, in tables and values. */
export type FlagRow =
  | Typed<'string', string>
  | Typed<'bool', boolean>
  | Typed<'int', number>
  | Typed<'float32', number>
  | Typed<'duration', number>
  | Typed<'stringSlice', readonly string[]>
  | Typed<'stringArray', readonly string[]>
  | (Typed<'enum', string> & { readonly choices: readonly string[] })
  | AliasRow;

/** All flags of a program, by long name. */
export type FlagTable = Readonly<Record<string, FlagRow>>;

type ValueOf<Row extends FlagRow> = Row extends { type: 'bool' }
  ? boolean
  : Row extends { type: 'int' | 'float32' | 'duration' }
    ? number
    : Row extends { type: 'stringSlice' | 'stringArray' }
      ? readonly string[]
      : Row extends { type: 'enum'; choices: readonly (infer Choice)[] }
        ? Choice
        : string;

/** The typed values of a table's flags, by long name. An alias has no value of its own. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table as Table[Name] extends { type: 'alias' } ? never : Name]: ValueOf<
    Table[Name]
  >;
};

/**
 * Declares the flags of a program once, for parsing, help, completion and manual.
 *
 * @throws TypeError for a bug of the program: two flags with one short form, or an alias without a target
 */
export function defineFlags<const Table extends FlagTable>(table: Table): Table {
  const owners = new Map<string, string>();
  for (const [name, row] of Object.entries<FlagRow>(table)) {
    if (row.type === 'alias' && !Object.hasOwn(table, row.target))
      throw new TypeError(`--${name} is an alias of --${row.target}, which does not exist`);
    if (row.short === undefined) continue;
    const owner = owners.get(row.short);
    if (owner !== undefined) throw new TypeError(`-${row.short} is short for --${owner} and --${name}`);
    owners.set(row.short, name);
  }
  return Object.freeze(table);
}
