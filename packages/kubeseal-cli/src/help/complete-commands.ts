import type { CommandTable } from '../invocation/command.ts';
import { actionsOf, splitCommand } from '../invocation/find-command.ts';

/** What a command does, or which commands begin with that word. */
export function helpOf(name: string, commands: CommandTable): string {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return command ? firstSentence(command.summary) : actionsOf(name, commands).join(', ');
}

/** The second words of commands, where the only word before is the first one of several commands. */
export function actionsAfter(
  words: readonly string[],
  commands: CommandTable,
): [value: string, help: string][] {
  const [group = ''] = words;
  if (words.length !== 1 || Object.hasOwn(commands, group)) return [];
  return actionsOf(group, commands).map((action) => [action, helpOf(`${group} ${action}`, commands)]);
}

/** The command that the words begin with, and the words after its name. */
export function commandIn(words: readonly string[], commands: CommandTable) {
  const { name, rest } = splitCommand(words, commands);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return { command, rest: command ? rest : words };
}

function firstSentence(text: string): string {
  return text.replace(/\. .*$/s, '.');
}
