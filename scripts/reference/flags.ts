import { type FlagHelp, helpWithChoices, visibleFlags } from '../../packages/flags/src/describe.ts';
import type { FlagTable } from '../../packages/flags/src/table.ts';
import { block, code, paragraphs, sentence, table } from './markdown.ts';

const ENV_PREFIX = 'SEALED_SECRETS_';
/** Marks flags in the controller's table that upstream does not have. */
const OWN = /^Fuin only: /;

/** A command as the page shows it. */
export interface CommandHelp {
  readonly usage: string;
  readonly help: string;
  readonly flags: FlagTable;
  readonly examples: readonly { readonly what: string; readonly line: string }[];
}

/** Flags that belong together. */
export interface FlagGroup {
  readonly title: string;
  readonly flags: FlagTable;
}

/** kubeseal's commands and flags. */
export function kubesealPage(commands: readonly CommandHelp[], groups: readonly FlagGroup[]): string {
  return paragraphs(
    '# kubeseal commands and flags',
    'Without a command kubeseal seals. [The manual](../kubeseal.md) shows each use with examples.',
    '## Commands',
    ...commands.flatMap(({ usage, help, flags, examples }) => [
      block('text', usage),
      sentence(help),
      ...(Object.keys(flags).length > 0 ? [flagTable(visibleFlags(flags))] : []),
      ...examples.flatMap(({ what, line }) => [`${what}:`, block('text', line)]),
    ]),
    ...groups.flatMap(({ title, flags }) => [
      `## ${title}`,
      flagTable(visibleFlags(flags)),
      ...otherNames(flags),
    ]),
    '## Environment',
    `The table names the environment variable of each flag. The command line wins; lists append. A variable that cannot
be read is ignored with a warning.`,
  );
}

/** The controller's flags. */
export function controllerFlagsPage(flags: FlagTable): string {
  const visible = visibleFlags(flags);
  const own = visible.filter(({ help }) => OWN.test(help));
  return paragraphs(
    '# Controller flags',
    `Flags of \`sealed-secrets-controller\`. Each can also be set by its environment variable; the command line wins. In the
chart, [values](../../deploy/helm/sealed-secrets/README.md) set the most common ones and \`extraArgs\` takes the others.
Durations are written as in Go: \`90s\`, \`1h30m\`.`,
    '## Flags of upstream',
    flagTable(visible.filter((flag) => !own.includes(flag))),
    ...otherNames(flags),
    '## Fuin only',
    flagTable(own.map((flag) => ({ ...flag, help: flag.help.replace(OWN, '') }))),
  );
}

function flagTable(flags: readonly FlagHelp[]): string {
  return table(
    ['Flag', 'Type', 'Default', 'Environment variable', 'Description'],
    flags.map((flag) => [
      [...(flag.short === undefined ? [] : [`-${flag.short}`]), `--${flag.name}`].map(code).join(', '),
      flag.typeName === '' ? 'bool' : flag.typeName,
      code(flag.defaultText ?? zeroValue(flag)),
      flag.hasEnv ? code(ENV_PREFIX + flag.name.toUpperCase().replaceAll('-', '_')) : '',
      sentence(helpWithChoices(flag)),
    ]),
  );
}

/** The zero value of Go's type, which pflag leaves out of its help. */
function zeroValue({ typeName }: FlagHelp): string {
  const zeros: Readonly<Record<string, string>> = { '': 'false', int: '0', float32: '0', duration: '0s' };
  return zeros[typeName] ?? '';
}

function otherNames(flags: FlagTable): string[] {
  return Object.entries(flags).flatMap(([name, row]) =>
    row.type === 'alias' ? [`${code(`--${name}`)} is a deprecated name of ${code(`--${row.target}`)}.`] : [],
  );
}
