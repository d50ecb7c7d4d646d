import { completionScript, SHELLS } from '../help/completion-scripts.ts';
import { type CommandTable, defineCommand, NO_ARGUMENTS } from '../invocation/command.ts';
import { actionsOf, commandOf } from '../invocation/find-command.ts';

/** The commands that explain kubeseal. */
export const GENERAL_COMMANDS: CommandTable = {
  completion: defineCommand({
    summary: 'Prints a completion script for a shell.',
    group: 'General',
    arguments: { usage: SHELLS.join('|'), least: 1, most: 1, offers: SHELLS },
    flags: {},
    examples: [{ what: 'Complete in this bash', line: 'source <(kubeseal completion bash)' }],
    run: async ({ arguments: [shell = ''] }, { io }) => io.stdout.write(completionScript(shell)),
  }),
  help: defineCommand({
    summary: 'Prints the help of kubeseal or of a command.',
    group: 'General',
    arguments: { usage: '[COMMAND]', least: 0, most: 2, offers: 'commands' },
    flags: {},
    examples: [],
    run: async ({ arguments: words }, { io, commands }) => {
      const { commandHelp, groupHelp, helpText } = await import('../help/help.ts');
      const program = io.programName;
      const name = words.join(' ');
      if (name === '') return io.stdout.write(helpText(commands, program));
      const isGroup = actionsOf(name, commands).length > 0;
      const text = isGroup
        ? groupHelp(name, commands, program)
        : commandHelp(name, commandOf(name, commands), program);
      return io.stdout.write(text);
    },
  }),
  manual: defineCommand({
    summary: 'Prints the manual page.',
    group: 'General',
    arguments: NO_ARGUMENTS,
    flags: {},
    examples: [{ what: 'Read the manual page', line: 'kubeseal manual | man -l -' }],
    run: async (_given, { io, commands }) =>
      io.stdout.write((await import('../help/manual.ts')).manualText(commands)),
  }),
  version: defineCommand({
    summary: 'Prints the version.',
    group: 'General',
    arguments: NO_ARGUMENTS,
    flags: {},
    examples: [],
    run: async (_given, { io, version }) => io.stdout.write(`kubeseal version: ${version}\n`),
  }),
};
