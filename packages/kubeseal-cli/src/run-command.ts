import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { COMMANDS } from './commands/table.ts';
import { readCommandLine } from './invocation/command-line.ts';
import { actionsOf, commandOf, nearestCommand, splitCommand } from './invocation/find-command.ts';
import { warningsOfCommand } from './invocation/warnings.ts';
import type { Io } from './io/io.ts';
import { VERSION } from './version.ts';

/** The hidden command that the scripts of `kubeseal completion` run. */
const COMPLETE = '__complete';
const EXIT_OK = 0;

/**
 * Reads a command line whose first argument is a word.
 *
 * @returns what runs it and gives the exit code; undefined for a line of upstream's, where a word is ignored
 * @throws ERR_USAGE when the line cannot be read, or the word is a command's name mistyped
 */
export async function readCommand(
  words: readonly string[],
  io: Io,
): Promise<(() => Promise<number>) | undefined> {
  const { name, rest: argv } = splitCommand(words, COMMANDS);
  if (name === COMPLETE) {
    return async () => {
      await io.stdout.write(await (await import('./help/complete.ts')).answer(argv, COMMANDS, io));
      return EXIT_OK;
    };
  }
  const isHelp = argv.length === 1 && /^(-h|--help)$/.test(argv[0] ?? '');
  if (isHelp && actionsOf(name, COMMANDS).length > 0) {
    return async () => {
      const { groupHelp } = await import('./help/help.ts');
      await io.stdout.write(groupHelp(name, COMMANDS, io.programName));
      return EXIT_OK;
    };
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    const isMistyped = nearestCommand(name, COMMANDS) !== undefined && !existsSync(resolve(io.cwd, name));
    if (!isMistyped && actionsOf(name, COMMANDS).length === 0) return undefined;
  }
  const command = commandOf(name, COMMANDS);
  if (isHelp) {
    return async () => {
      const { commandHelp } = await import('./help/help.ts');
      await io.stdout.write(commandHelp(name, command, io.programName));
      return EXIT_OK;
    };
  }
  const given = await readCommandLine(name, COMMANDS, argv, io);
  let code = EXIT_OK;
  const endWith = (other: number) => {
    code = other;
  };
  const world = { io, commands: COMMANDS, version: VERSION, endWith, ...warningsOfCommand(given.flags, io) };
  return async () => {
    await command.run(given, world);
    return code;
  };
}

/** The help of the whole program. */
export async function programHelp(program: string): Promise<string> {
  return (await import('./help/help.ts')).helpText(COMMANDS, program);
}
