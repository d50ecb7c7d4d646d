import { SealedSecretsError } from '@fuin/crypto-core/errors';
import type { AliasRow, FlagRow, FlagTable, FlagValues } from './table.ts';
import { quote, quoteCharacter } from './values/quote.ts';
import { type FlagValue, readValue } from './values/values.ts';

/** The flags and arguments of a command line and the environment. */
export interface ParsedFlags<Table extends FlagTable> {
  /** Frozen; every flag of the table has a value. */
  readonly values: FlagValues<Table>;
  readonly positionals: readonly string[];
  /** Names of the flags that the command line or the environment set. */
  readonly changed: ReadonlySet<string>;
  /** For each flag that the command line gives several times: the earlier values, as written. */
  readonly overridden: ReadonlyMap<string, readonly string[]>;
  /** True for `-h`, and for `--help` if the table has no such flag. Like pflag, parsing stops there. */
  readonly helpRequested: boolean;
  /** Lines for stderr, about deprecated flags and ignored environment variables. */
  readonly warnings: readonly string[];
}

/** Whether environment variables set flags: `<prefix>_KEY_TTL` sets `--key-ttl`. */
export interface ParseOptions {
  /** For instance `SEALED_SECRETS`. Without it, the environment is ignored. */
  readonly envPrefix?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads flags like pflag: `--x=v`, `--x v`, `-xv`, `-x=v`, clusters of short flags, positional arguments
 * anywhere, `--`. The command line overrides the environment; only lists are appended to it. Invalid values
 * in the environment are reported and ignored: upstream silently takes the zero value of the type instead.
 *
 * @param argv without the program and the script
 * @throws ERR_USAGE with pflag's message
 */
export function parseFlags<const Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
  env: Environment = {},
  options: ParseOptions = {},
): ParsedFlags<Table> {
  const reader = new FlagReader(table);
  if (options.envPrefix !== undefined) reader.readEnvironment(env, options.envPrefix);
  reader.readArguments(argv);
  const { values, positionals, changed, overridden, warnings, helpRequested } = reader;
  return {
    values: Object.freeze(Object.fromEntries(values)) as FlagValues<Table>,
    positionals,
    changed,
    overridden,
    warnings,
    helpRequested,
  };
}

class FlagReader {
  readonly values = new Map<string, FlagValue>();
  readonly changed = new Set<string>();
  readonly positionals: string[] = [];
  readonly overridden = new Map<string, readonly string[]>();
  readonly warnings: string[] = [];
  helpRequested = false;
  readonly #table: FlagTable;
  readonly #typed = new Map<string, string>();
  readonly #shorts = new Map<string, string>();
  #rest: string[] = [];

  constructor(table: FlagTable) {
    this.#table = table;
    for (const [name, row] of Object.entries(table)) {
      if (row.type !== 'alias') this.values.set(name, row.default);
      if (row.short !== undefined) this.#shorts.set(row.short, name);
    }
  }

  readEnvironment(env: Environment, prefix: string): void {
    const given = Object.keys(env).filter((variable) => variable.startsWith(`${prefix}_`));
    // Each look-up in process.env is a system call, and most runs have no variable of ours.
    if (given.length === 0) return;
    for (const name of Object.keys(this.#table).sort()) {
      const variable = `${prefix}_${name.toUpperCase().replaceAll('-', '_')}`;
      const text = given.includes(variable) ? env[variable] : undefined;
      if (text === undefined || this.#table[name]?.env === false) continue;
      const reason = this.#assign(name, text);
      if (reason !== undefined) this.warnings.push(`warning: ignoring ${variable}: ${reason}`);
    }
  }

  readArguments(argv: readonly string[]): void {
    this.#rest = [...argv];
    while (this.#rest.length > 0 && !this.helpRequested) {
      const argument = this.#rest.shift() ?? '';
      if (argument === '--') {
        this.positionals.push(...this.#rest);
        return;
      }
      if (argument.startsWith('--')) this.#readLong(argument);
      else if (argument.startsWith('-') && argument.length > 1) this.#readShorts(argument.slice(1));
      else this.positionals.push(argument);
    }
  }

  #readLong(argument: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(argument) ?? [];
    if (name === '' || name.startsWith('-')) throw usageError(`bad flag syntax: ${argument}`);
    const row = this.#row(name);
    if (!row) {
      if (name !== 'help') throw usageError(`unknown flag: --${name}`);
      this.helpRequested = true;
      return;
    }
    this.#set(name, value ?? (row.type === 'bool' ? 'true' : this.#next(argument)));
  }

  #readShorts(cluster: string): void {
    let rest = cluster;
    while (rest !== '' && !this.helpRequested) rest = this.#readShort(rest);
  }

  /** Reads the first flag of a cluster and returns the rest of the cluster. */
  #readShort(cluster: string): string {
    const [short = ''] = cluster;
    const name = this.#shorts.get(short);
    if (name === undefined) {
      if (short !== 'h') {
        throw usageError(`unknown shorthand flag: ${quoteCharacter(short)} in -${cluster}`);
      }
      this.helpRequested = true;
      return '';
    }
    if (cluster.length > 2 && cluster[1] === '=') {
      this.#set(name, cluster.slice(2));
      return '';
    }
    if (this.#row(name)?.type === 'bool') {
      this.#set(name, 'true');
      return cluster.slice(1);
    }
    this.#set(name, cluster.length > 1 ? cluster.slice(1) : this.#next(`'${short}' in -${cluster}`));
    return '';
  }

  #next(flag: string): string {
    const value = this.#rest.shift();
    if (value === undefined) throw usageError(`flag needs an argument: ${flag}`);
    return value;
  }

  /** The row that says how to read the value of a flag. For an alias, this is the row of its target. */
  #row(name: string): Exclude<FlagRow, AliasRow> | undefined {
    const row = Object.hasOwn(this.#table, name) ? this.#table[name] : undefined;
    return row?.type === 'alias' ? this.#row(row.target) : row;
  }

  #set(name: string, text: string): void {
    const reason = this.#assign(name, text);
    if (reason === undefined) {
      this.#note(name, text);
      return;
    }
    const short = this.#table[name]?.short;
    const flag = short === undefined ? `--${name}` : `-${short}, --${name}`;
    throw usageError(`invalid argument ${quote(text)} for ${quote(flag)} flag: ${reason}`);
  }

  #note(name: string, text: string): void {
    const earlier = this.#typed.get(name);
    if (earlier !== undefined) this.overridden.set(name, [...(this.overridden.get(name) ?? []), earlier]);
    this.#typed.set(name, text);
  }

  /** Sets a flag; returns why it cannot if the string is not a value of the flag. */
  #assign(name: string, text: string): string | undefined {
    const given = this.#table[name];
    const row = this.#row(name);
    if (!given || !row) return 'no such flag';
    const target = given.type === 'alias' ? given.target : name;
    const reading = readValue(row, text);
    if ('reason' in reading) return reading.reason;
    const before = this.values.get(target);
    const appends = Array.isArray(reading.value) && this.changed.has(target);
    this.values.set(
      target,
      appends ? [...(before as string[]), ...(reading.value as string[])] : reading.value,
    );
    this.changed.add(target);
    if (given.deprecated !== undefined) {
      this.warnings.push(`Flag --${name} has been deprecated, ${given.deprecated}`);
    }
    return undefined;
  }
}

function usageError(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message);
}
