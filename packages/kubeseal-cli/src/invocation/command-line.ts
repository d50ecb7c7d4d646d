import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { parseFlags } from '@fuin/flags/parsing';
import type { Io } from '../io/io.ts';
import { type Arguments, type CommandTable, usageOf } from './command.ts';
import { actionsOf, commandOf } from './find-command.ts';
import { COMMON_FLAGS, ENV_PREFIX } from './flags/flags.ts';
import { usageError } from './usage-error.ts';

/**
 * Reads the command line of a command, by the command's own flags: a file called `--cert=x.yaml` must not
 * make a sealing program of a check.
 *
 * @param argv without the command's name
 * @throws ERR_USAGE when the command line cannot be read; the last hint is the usage
 */
export async function readCommandLine(
  name: string,
  commands: CommandTable,
  argv: readonly string[],
  { env, programName }: Pick<Io, 'env' | 'programName'>,
) {
  const command = commandOf(name, commands);
  try {
    const table = { ...command.flags, ...COMMON_FLAGS };
    const { own, program } = splitAtProgram(command.arguments, argv);
    const parsed = parseFlags(table, withFileNames(own), env, { envPrefix: ENV_PREFIX });
    // a file called -h among others must not end a check before it begins
    if (parsed.helpRequested) throw usageError('--help cannot be combined with other arguments');
    refuseArguments(command.arguments, parsed.positionals, commands);
    if (command.arguments.program && !program?.length)
      throw usageError('no program is given', 'write it behind --, such as -- env');
    const { values: flags, changed, positionals } = parsed;
    const given = { flags, changed, arguments: positionals, ...(program ? { program } : {}) };
    await command.check?.(given);
    return given;
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    const usage = `usage: ${usageOf(name, command, programName)}`;
    throw usageError(
      `${name}: ${error.message}`,
      error.hint === undefined ? usage : `${error.hint}\n${usage}`,
    );
  }
}

/** @throws ERR_USAGE for arguments that a command does not take */
function refuseArguments(takes: Arguments, given: readonly string[], commands: CommandTable): void {
  const { usage, least, most, offers } = takes;
  if (given.length < least)
    throw usageError(offers === 'files' && least === 1 ? 'no file is given' : `it needs ${usage}`);
  if (given.length > most) throw usageError(most === 0 ? 'it takes no arguments' : `it takes only ${usage}`);
  if (offers === 'commands') refuseOtherNames(given.join(' '), commands);
  if (typeof offers !== 'object' || given.every((each) => offers.includes(each))) return;
  throw usageError(`it takes one of ${offers.join(', ')}`);
}

/** @throws ERR_USAGE for what is neither a command nor the first word of some */
function refuseOtherNames(name: string, commands: CommandTable): void {
  if (name !== '' && actionsOf(name, commands).length === 0) commandOf(name, commands);
}

/** The part of a command line that the command reads, and the program behind `--` that it runs. */
function splitAtProgram(
  takes: Arguments,
  argv: readonly string[],
): { readonly own: readonly string[]; readonly program?: readonly string[] } {
  const end = argv.indexOf('--');
  if (!takes.program || end < 0) return { own: argv };
  return { own: argv.slice(0, end), program: argv.slice(end + 1) };
}

/** After `--` a dash is the name of a file, not stdin: names that somebody else chose are given there. */
function withFileNames(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((argument, at) => (end >= 0 && at > end && argument === '-' ? './-' : argument));
}
