import type { FlagTable, FlagValues } from '@fuin/flags/parsing';
import type { Io } from '../io/io.ts';
import type { Warnings } from './warnings.ts';

/** A command of kubeseal: its name is the first argument. Upstream has none. */
export interface Command<Table extends FlagTable = FlagTable> {
  /** What it does: sentences that help, manual page and documentation print. */
  readonly summary: string;
  /** Under which heading help lists it. */
  readonly group: CommandGroup;
  readonly arguments: Arguments;
  /** Its own flags, read with pflag's rules. Every command has --quiet too. */
  readonly flags: Table;
  readonly examples: readonly Example[];
  /** Reads what no type of a flag checks, before anything is done. @throws ERR_USAGE */
  check?(given: CommandLine<Table>): Promise<void>;
  /** Loads what the command needs and does it. */
  run(given: CommandLine<Table>, world: CommandWorld): Promise<void>;
}

/** The headings of help that have commands. */
export type CommandGroup =
  | 'Seal'
  | 'Change'
  | 'Check'
  | 'Open with keys'
  | 'Keys'
  | 'Cluster access'
  | 'General';

/** All commands by their names. */
export type CommandTable = Readonly<Record<string, Command>>;

/** The arguments that a command takes. */
export interface Arguments {
  /** As usage shows them, such as `[FILE]...`; empty where there are none. */
  readonly usage: string;
  readonly least: number;
  readonly most: number;
  /** What completion offers. A list is checked too: nothing else is accepted. */
  readonly offers?: 'files' | 'commands' | 'clusters' | readonly string[];
  /** Whether another program with its arguments follows behind `--`. */
  readonly program?: true;
}

/** For a command that takes none. */
export const NO_ARGUMENTS = { usage: '', least: 0, most: 0 } as const satisfies Arguments;

/** For a command about the files of files and directories. */
export const PATHS = {
  usage: 'PATH...',
  least: 1,
  most: Number.POSITIVE_INFINITY,
  offers: 'files',
} as const satisfies Arguments;

/** A command line and what it does. */
export interface Example {
  readonly what: string;
  readonly line: string;
}

/** What was given to a command. */
export interface CommandLine<Table extends FlagTable = FlagTable> {
  readonly flags: FlagValues<Table>;
  /** Names of the flags that the command line or the environment set. */
  readonly changed: ReadonlySet<string>;
  readonly arguments: readonly string[];
  /** What stands behind `--`, for a command that runs another program. */
  readonly program?: readonly string[];
}

/** What a command runs in. */
export interface CommandWorld extends Warnings {
  readonly version: string;
  readonly io: Io;
  /** All commands, for those that explain them. */
  readonly commands: CommandTable;
  /** Ends the run with this exit code instead of 0, once the command has returned. */
  endWith(code: number): void;
}

/** Declares a row of the command table; its flags give `run` the types of their values. */
export function defineCommand<const Table extends FlagTable>(row: Command<Table>): Command {
  return row;
}

/** `kubeseal check [--quiet] -- FILE...`: flags are listed where there are few. */
export function usageOf(name: string, command: Command, program: string): string {
  const flags = Object.entries(command.flags).filter(([, row]) => row.type !== 'alias' && !row.hidden);
  const isShort = flags.length <= 1 && flags.every(([, row]) => row.type === 'bool');
  const shown = isShort ? flags.map(([flag]) => `[--${flag}]`) : ['[flags]'];
  return [program, name, ...shown, command.arguments.usage].join(' ').trimEnd();
}
