import { homedir } from 'node:os';
import { join } from 'node:path';
import { visibleFlags } from '@fuin/flags';
import type { FlagTable } from '@fuin/flags/parsing';
import type { KubeconfigNames } from '@fuin/kube/access';
import type { Arguments, CommandTable } from '../invocation/command.ts';
import { firstWords } from '../invocation/find-command.ts';
import { COMMON_FLAGS, FLAGS } from '../invocation/flags/flags.ts';
import { MODES_WITH_ARGUMENTS } from '../invocation/mode.ts';
import type { Io } from '../io/io.ts';
import { actionsAfter, commandIn, helpOf } from './complete-commands.ts';

type FlagHelp = ReturnType<typeof visibleFlags>[number];

/** What fits at the end of a command line. */
interface Offers {
  readonly values: readonly (readonly [value: string, help: string])[];
  /** Whether names of files fit too. */
  readonly areFiles: boolean;
}

const NOTHING: Offers = { values: [], areFiles: false };
const FILES: Offers = { values: [], areFiles: true };

/** Flags whose values are names of the kubeconfig. */
const KUBECONFIG_FLAGS: Readonly<Record<string, keyof KubeconfigNames>> = {
  cluster: 'clusters',
  context: 'contexts',
  'controller-namespace': 'namespaces',
  namespace: 'namespaces',
  user: 'users',
};

/**
 * Answers the scripts of `kubeseal completion`, and kubectl, in the protocol of cobra's `__complete`: a line
 * for each offer, with its description after a tab, then `:0` if file names fit and `:4` if they do not. For
 * `--flag=value` the offers are values without the flag.
 *
 * @param words after the program's name; the last one is being typed
 */
export async function answer(
  words: readonly string[],
  commands: CommandTable,
  io: Pick<Io, 'env' | 'cwd'>,
): Promise<string> {
  const { values, areFiles } = await offersFor(words, commands, io);
  const lines = values.map(([value, help]) => `${value}\t${help.replaceAll('\n', ' ')}\n`);
  return `${lines.join('')}:${areFiles ? 0 : 4}\n`;
}

async function offersFor(
  words: readonly string[],
  commands: CommandTable,
  io: Pick<Io, 'env' | 'cwd'>,
): Promise<Offers> {
  const typed = words.at(-1) ?? '';
  const earlier = words.slice(0, -1);
  const actions = actionsAfter(earlier, commands);
  if (actions.length > 0) return startingWith({ values: actions, areFiles: false }, typed);
  const { command, rest } = commandIn(earlier, commands);
  const table: FlagTable = command ? { ...command.flags, ...COMMON_FLAGS } : FLAGS;
  const before = read(table, rest);
  if (before.awaiting) return startingWith(await valuesOf(before.awaiting, before.given, io), typed);
  const [, name, value] = /^--([^=]+)=(.*)$/s.exec(typed) ?? [];
  if (name !== undefined && value !== undefined && !before.isEnded) {
    const flag = visibleFlags(table).find((each) => each.name === name && each.typeName !== '');
    return flag ? startingWith(await valuesOf(flag, before.given, io), value) : NOTHING;
  }
  if (typed.startsWith('-') && !before.isEnded) return startingWith(flagsOf(table), typed);
  const takes = command?.arguments ?? argumentsOf(words, before.given);
  return startingWith(await valuesFor(takes, before, commands, io), typed);
}

type Taken = Pick<Arguments, 'most' | 'offers'>;

/** What upstream's command line takes for arguments: a command in the first place, files with some modes. */
function argumentsOf(words: readonly string[], given: Given): Taken {
  if (words.length === 1) return { most: 1, offers: 'commands' };
  return MODES_WITH_ARGUMENTS.some((mode) => given.has(mode))
    ? { most: Number.POSITIVE_INFINITY, offers: 'files' }
    : { most: 0 };
}

async function valuesFor(
  { most, offers = [] }: Taken,
  { arguments: count, given }: Before,
  commands: CommandTable,
  io: Pick<Io, 'cwd'>,
): Promise<Offers> {
  if (count >= most) return NOTHING;
  if (offers === 'clusters') return clustersOf(given, io);
  if (offers === 'files') return FILES;
  if (offers !== 'commands') return wordsOf(offers);
  const names = firstWords(commands);
  return { values: names.map((name) => [name, helpOf(name, commands)] as const), areFiles: false };
}

function wordsOf(words: readonly string[]): Offers {
  const printable = words.filter((word) => !/\p{Cc}/u.test(word)); // a line end would forge offers
  return { values: printable.map((word) => [word, '']), areFiles: false };
}

function flagsOf(table: FlagTable): Offers {
  const values = visibleFlags(table).flatMap(({ name, short, help }) =>
    [...(short === undefined ? [] : [`-${short}`]), `--${name}`].map((form) => [form, help] as const),
  );
  return { values, areFiles: false };
}

async function valuesOf(flag: FlagHelp, given: Given, io: Pick<Io, 'env' | 'cwd'>): Promise<Offers> {
  if (flag.isFile) return FILES;
  const section = KUBECONFIG_FLAGS[flag.name];
  if (flag.name === 'for') return clustersOf(given, io);
  if (section === undefined) return wordsOf(flag.suggestions);
  return wordsOf((await kubeconfigNames(given.get('kubeconfig') ?? '', io))?.[section] ?? []);
}

/** The clusters of the settings file; none if it cannot be read, because completion prints no errors. */
async function clustersOf(given: Given, { cwd }: Pick<Io, 'cwd'>): Promise<Offers> {
  const flags = { config: given.get('config') ?? '', 'no-config': given.get('no-config') === 'true' };
  try {
    const { RunSettings } = await import('../invocation/settings/run-settings.ts');
    const settings = await new RunSettings(flags, cwd).settingsFor('');
    return wordsOf([...(settings?.values.clusters.keys() ?? [])]);
  } catch {
    return NOTHING;
  }
}

/** The names of the kubeconfig; undefined if it cannot be read, because completion prints no errors. */
async function kubeconfigNames(
  file: string,
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Promise<KubeconfigNames | undefined> {
  const { openKubeconfig } = await import('@fuin/kube/access');
  const home = env['HOME'] ?? homedir();
  // the shell has not expanded the word
  const kubeconfig = file.startsWith('~/') ? join(home, file.slice(2)) : file;
  return openKubeconfig({ flags: { kubeconfig }, env, cwd })
    .names()
    .catch(() => undefined);
}

/** Values of flags by name, as far as they are given. */
type Given = ReadonlyMap<string, string>;

interface Before {
  /** The flag whose value comes next. */
  readonly awaiting: FlagHelp | undefined;
  readonly given: Given;
  /** How many arguments there are. */
  readonly arguments: number;
  /** Whether `--` has ended the flags. */
  readonly isEnded: boolean;
}

/** Reads the words before the one that is typed. It reports no errors: the line is not complete yet. */
function read(table: FlagTable, words: readonly string[]): Before {
  const flags = visibleFlags(table);
  const given = new Map<string, string>();
  let awaiting: FlagHelp | undefined;
  let isEnded = false;
  let count = 0;
  for (const word of words) {
    if (awaiting) {
      given.set(awaiting.name, word);
      awaiting = undefined;
    } else if (isEnded || !word.startsWith('-') || word === '-') count++;
    else if (word === '--') isEnded = true;
    else awaiting = readFlag(flags, word, given);
  }
  return { awaiting, given, arguments: count, isEnded };
}

/** Notes what one word gives. @returns the flag whose value is the next word */
function readFlag(
  flags: readonly FlagHelp[],
  word: string,
  given: Map<string, string>,
): FlagHelp | undefined {
  const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const letters = name === undefined ? [...word.slice(1)] : [];
  const at = letters.findIndex((letter) =>
    flags.some(({ short, typeName }) => short === letter && typeName !== ''),
  );
  const flag = flags.find((each) => (name === undefined ? each.short === letters[at] : each.name === name));
  if (!flag) return undefined;
  const rest = name === undefined ? letters.slice(at + 1).join('') || undefined : value;
  if (rest === undefined && flag.typeName !== '') return flag;
  given.set(flag.name, rest ?? 'true');
  return undefined;
}

function startingWith({ values, areFiles }: Offers, typed: string): Offers {
  return { values: values.filter(([value]) => value.startsWith(typed)), areFiles };
}
