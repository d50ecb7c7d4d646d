import type { Command, CommandTable } from './command.ts';
import { hintOfNames, nearestName } from './nearest-name.ts';
import { usageError } from './usage-error.ts';

/** The command of a name. @throws ERR_USAGE with the nearest name where there is none */
export function commandOf(name: string, commands: CommandTable): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  throw usageError(`unknown command "${name}"`, hintOfNames(name, Object.keys(commands), 'commands'));
}

/**
 * The command that a mistyped name probably means. Upstream ignores arguments, so other words must stay
 * ignored: `get` is no mistyped `set`, and `seal` no mistyped `unseal`.
 */
export function nearestCommand(name: string, commands: CommandTable): string | undefined {
  return nearestName(name, Object.keys(commands));
}
