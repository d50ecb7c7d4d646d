import type { Command, CommandTable } from './command.ts';
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
  const nearest = nearestCommand(name, commands);
  const hint =
    nearest === undefined
      ? `the commands are ${firstWords(commands).join(', ')}`
      : `did you mean ${nearest}?`;
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
 * The command that a mistyped name probably means: at most a third of the letters, and at most two, may be
 * wrong. Upstream ignores arguments, so other words must stay ignored: `get` is no mistyped `set`.
 */
export function nearestCommand(name: string, commands: CommandTable): string | undefined {
  const near = [...new Set([...Object.keys(commands), ...firstWords(commands)])]
    .map((command) => ({ command, slips: slipsBetween(name.toLowerCase(), command) }))
    .filter(({ command, slips }) => slips <= slipsIn(command.length))
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.command;
}

function slipsIn(length: number): number {
  return length < 4 ? 0 : Math.min(2, Math.floor(length / 3));
}

/** How many letters to add, leave out, change or swap with the next one (optimal string alignment). */
function slipsBetween(a: string, b: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const changed = (last[j - 1] ?? 0) + (isSame ? 0 : 1);
      const swapped = isSwapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, changed, swapped));
    }
    [before, last] = [last, row];
  }
  return last[b.length] ?? 0;
}
