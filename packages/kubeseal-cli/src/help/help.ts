import { formatGroups } from '@fuin/flags';
import { type Command, type CommandTable, type Example, usageOf } from '../invocation/command.ts';
import { actionsOf } from '../invocation/find-command.ts';
import { COMMON_FLAGS } from '../invocation/flags/flags.ts';
import { FLAG_GROUPS } from './groups.ts';

/** Three lines that most people come for. */
const EXAMPLES: readonly Example[] = [
  {
    what: 'Seal a Secret for the cluster of the kubeconfig',
    line: 'kubectl create secret generic db --from-literal=password=hunter2 --dry-run=client -o yaml | kubeseal -o yaml > db.yaml',
  },
  {
    what: 'Keep the certificate, then seal without the cluster',
    line: 'kubeseal --fetch-cert > cert.pem && kubeseal --cert cert.pem -f secret.yaml -w sealed.yaml',
  },
  {
    what: 'Seal files again with the newest key, in place',
    line: 'kubeseal --re-encrypt sealed/*.yaml',
  },
];

/** The text of `kubeseal --help`. Its first line is upstream's. */
export function helpText(commands: CommandTable, program: string): string {
  const groups = FLAG_GROUPS.map(({ title, flags }) => ({
    title,
    flags,
    commands: Object.entries(commands)
      .filter(([, { group }]) => group === title)
      .map(([name, { arguments: takes, summary }]) => ({ name, usage: takes.usage, summary })),
  }));
  return [
    `Usage of ${program}:
  ${program} [flags] < secret.yaml > sealed.yaml
  ${program} [flags] -f secret.yaml -w sealed.yaml
  ${program} COMMAND [flags] [arguments]

${program} help COMMAND explains a command, ${program} manual is the whole manual.
`,
    `Examples:\n${examplesOf(EXAMPLES, program)}`,
    formatGroups(groups),
  ].join('\n');
}

/** The text of `kubeseal COMMAND --help`. */
export function commandHelp(name: string, command: Command, program: string): string {
  const flags = { ...command.flags, ...COMMON_FLAGS };
  return [
    `usage: ${usageOf(name, command, program)}\n${command.summary}\n`,
    ...(command.examples.length > 0 ? [`Examples:\n${examplesOf(command.examples, program)}`] : []),
    formatGroups([{ title: 'Flags', flags }]),
  ].join('\n');
}

/** The text of `kubeseal keys --help`: the commands whose first word is `group`. */
export function groupHelp(group: string, commands: CommandTable, program: string): string {
  const rows = Object.entries(commands).filter(([name]) => name.startsWith(`${group} `));
  const usages = rows.map(([name, command]) => {
    const usage = usageOf(name, command, program);
    return `  ${usage}\n    ${command.summary}\n`;
  });
  return [
    `usage: ${program} ${group} ${actionsOf(group, commands).join('|')}\n`,
    ...usages,
    `${program} ${group} COMMAND --help explains one of them.\n`,
  ].join('\n');
}

function examplesOf(examples: readonly Example[], program: string): string {
  return examples
    .map(({ what, line }) => `  ${what}:\n    ${line.replaceAll(/\bkubeseal(?= )/g, program)}\n`)
    .join('');
}
