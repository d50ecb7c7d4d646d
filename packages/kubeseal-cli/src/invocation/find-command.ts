import type { Command, CommandTable } from './command.ts';
import { nearestName } from './nearest-name.ts';
import { usageError } from './usage-error.ts';

/** The command of a name. @throws ERR_USAGE with the nearest name where there is none */
export function commandOf(name: string, commands: CommandTable): Command {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return command;
  const [group = ''] = name.split(' ');
  const actions = actionsOf(group, commands);
  if (actions.length > 0)
    throw usageError(
      `${group}: it needs one of ${actions.join(', ')}`,
      `kubeseal ${group} --help explains them`,
    );
  const near = nearestCommand(name, commands);
  const hint =
    near === undefined ? `the commands are ${firstWords(commands).join(', ')}` : `did you mean ${near}?`;
  throw usageError(`unknown command "${name}"`, hint);
}

/** The name of a command, one word or two such as `keys list`, and the words after it. */
export function splitCommand(
  argv: readonly string[],
  commands: CommandTable,
): { readonly name: string; readonly rest: readonly string[] } {
  const pair = argv.slice(0, 2).join(' ');
  if (Object.hasOwn(commands, pair)) return { name: pair, rest: argv.slice(pair.includes(' ') ? 2 : 1) };
  return { name: argv[0] ?? '', rest: argv.slice(1) };
}

/** What the first argument may be: names of commands, of those of two words only the first. */
export function firstWords(commands: CommandTable): string[] {
  return [...new Set(Object.keys(commands).map((name) => name.replace(/ .*/, '')))];
}

/** The second words of the commands whose first word is `group`, such as `list` of `keys list`. */
export function actionsOf(group: string, commands: CommandTable): string[] {
  return Object.keys(commands).flatMap((name) =>
    name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : [],
  );
}

/**
 * The command that a mistyped name probably means. Upstream ignores arguments, so other words must stay
 * ignored: `get` is no mistyped `set`, and `seal` no mistyped `unseal`.
 */
export function nearestCommand(name: string, commands: CommandTable): string | undefined {
  return nearestName(name, [...new Set([...Object.keys(commands), ...firstWords(commands)])]);
}
