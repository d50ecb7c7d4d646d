import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { parseFlags } from '@fuin/flags/parsing';
import { COMMON_FLAGS, FLAGS } from '../invocation/flags.ts';
import { usageError } from '../invocation/usage-error.ts';
import { type Warnings, warningsOfCommand } from '../invocation/warnings.ts';
import type { Io } from '../io/io.ts';

/** A command of kubeseal beside upstream's command lines: its name is the first argument. */
interface Command {
  /** What stands behind the name, as usage shows it. */
  readonly synopsis: string;
  readonly help: string;
  /** Says what is wrong with its arguments; undefined when nothing is. */
  problem(given: readonly string[]): string | undefined;
  run(given: readonly string[], world: CommandWorld): Promise<void>;
}

interface CommandWorld extends Warnings {
  readonly io: Io;
}

const SHELLS = ['bash', 'zsh', 'fish', 'powershell']; // what @fuin/flags has, which loads more than a table needs

const COMMANDS: Readonly<Record<string, Command>> = {
  check: {
    synopsis: '[--quiet] -- FILE...',
    help: 'Finds Secrets in the clear, items of SealedSecrets that are not sealed, and copies of Secrets in annotations. Exit code 1 means that there are some. The file - means stdin.',
    problem: ([file]) => (file === undefined ? 'no file is named' : undefined),
    run: async (given, { io }) => (await import('./check.ts')).checkFiles(io, given),
  },
  completion: {
    synopsis: SHELLS.join('|'),
    help: 'Prints a completion script for a shell.',
    problem: (given) => outside(SHELLS, given, 1),
    run: async ([shell = ''], { io }) => io.stdout.write((await import('./manual.ts')).completionText(shell)),
  },
  help: {
    synopsis: '[COMMAND]',
    help: 'Prints the help of kubeseal or of a command.',
    problem: (given) => outside(COMMAND_NAMES, given, 0),
    run: async ([name], { io }) =>
      io.stdout.write(name === undefined ? await helpText(io) : helpOf(name, io)),
  },
  manual: {
    synopsis: '',
    help: 'Prints the manual page: kubeseal manual | man -l -',
    problem: (given) => outside([], given, 0),
    run: async (_given, { io }) => io.stdout.write((await import('./manual.ts')).manualText()),
  },
};

/** Names of the commands. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/**
 * Reads the command line of a command, by the command's own flags: a file called `--cert=x.yaml` must not make a sealing program of a check.
 *
 * @param argv begins with the command's name
 * @returns what runs it
 * @throws ERR_USAGE when the command line cannot be read
 */
export function readCommand([name = '', ...argv]: readonly string[], io: Io): () => Promise<void> {
  const command = commandOf(name);
  const isHelp = argv.length === 1 && /^(-h|--help)$/.test(argv[0] ?? '');
  if (isHelp) return () => io.stdout.write(helpOf(name, io));
  const { values, positionals } = readArguments(name, argv, io);
  const world = { io, ...warningsOfCommand(values, io) };
  return () => command.run(positionals, world);
}

function readArguments(name: string, argv: readonly string[], io: Pick<Io, 'env' | 'programName'>) {
  const refuse = (problem: string) => usageError(`${name}: ${problem}`, usageOf(name, io));
  try {
    const parsed = parseFlags(COMMON_FLAGS, withFileNames(argv), io.env, { envPrefix: 'SEALED_SECRETS' });
    // a file called -h among others must not end a check before it begins
    const problem = parsed.helpRequested
      ? '--help stands alone'
      : commandOf(name).problem(parsed.positionals);
    if (problem === undefined) return parsed;
    throw refuse(problem);
  } catch (error) {
    throw error instanceof SealedSecretsError && error.hint === undefined ? refuse(error.message) : error;
  }
}

/** `usage: kubeseal check ...` */
export function usageOf(name: string, { programName }: Pick<Io, 'programName'>): string {
  return `usage: ${[programName, name, commandOf(name).synopsis].join(' ').trimEnd()}`;
}

/** The text of --help: flags as pflag lists them, then the commands. */
export async function helpText(io: Pick<Io, 'programName'>): Promise<string> {
  const { formatHelp } = await import('@fuin/flags');
  const rows = Object.entries(COMMANDS).map(
    ([name, { synopsis, help }]) =>
      `  ${io.programName} ${`${name} ${synopsis}`.trimEnd()}\n        ${help}\n`,
  );
  return `${formatHelp(io.programName, FLAGS)}\nCommands:\n${rows.join('')}`;
}

export function helpOf(name: string, io: Pick<Io, 'programName'>): string {
  return `${usageOf(name, io)}\n${commandOf(name).help}\n`;
}

function commandOf(name: string): Command {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command) return command;
  throw usageError(`there is no command ${name}`, `the commands are ${COMMAND_NAMES.join(', ')}`);
}

/** What is wrong with arguments of which there is one at most, out of a list. */
function outside(list: readonly string[], given: readonly string[], least: 0 | 1): string | undefined {
  const [first, ...more] = given;
  if (first === undefined) return least === 0 ? undefined : `it needs one of ${list.join(', ')}`;
  if (more.length === 0 && list.includes(first)) return undefined;
  return list.length === 0 ? 'it takes no arguments' : `it takes one of ${list.join(', ')}`;
}

/** Behind `--` a dash is the name of a file, not stdin: names of strangers stand there. */
function withFileNames(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((argument, at) => (end >= 0 && at > end && argument === '-' ? './-' : argument));
}
