import { existsSync, lstatSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { printable } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { GIT_INSTALL_FLAGS, GIT_UNINSTALL_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { unifiedDiff } from '../../output/diff.ts';
import { jsonText } from '../../output/json-text.ts';
import { git } from './git-process.ts';
import {
  applySetup,
  type FileChange,
  type SettingChange,
  type Setup,
  settingsIn,
  withAttributes,
  withoutAttributes,
} from './setup.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;
/** The files that hold SealedSecrets by their names alone. */
const DEFAULT_PATTERNS = ['*sealed*.yaml', '*sealed*.yml', '*sealed*.json'];

type Installing = CommandLine<typeof GIT_INSTALL_FLAGS>;
type Uninstalling = CommandLine<typeof GIT_UNINSTALL_FLAGS>;
type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * `kubeseal git install`: teaches Git to show and merge SealedSecrets, and checks files before a commit. It
 * can be repeated.
 *
 * @throws ERR_USAGE where there is a hook that something else made; then nothing was changed
 */
export async function install({ arguments: patterns, flags }: Installing, world: World): Promise<void> {
  const { io, warn } = world;
  const root = flags.global ? undefined : rootOf(io);
  const hook = root !== undefined && flags.hook ? hookOf(io) : undefined;
  if (hook !== undefined) await refuseForeignHook(hook, io);
  const scope = scopeOf(flags);
  const old = settingsIn(scope, io);
  const settings = settingsFor(io).map(([key, after]) => ({ key, before: old.get(key), after }));
  const attributes = attributesOf(root, io);
  const before = await textOf(attributes);
  const asked = patterns.length > 0 ? patterns : DEFAULT_PATTERNS;
  const files: FileChange[] = [
    { path: attributes, before, after: withAttributes(before ?? '', asked), isProgram: false },
    ...(hook === undefined
      ? []
      : [{ path: hook, before: await textOf(hook), after: hookText(io), isProgram: true }]),
  ];
  await carryOut({ scope, settings, files }, flags, world);
  const [understand, runs] = flags['dry-run'] ? ['would understand', 'would run'] : ['understand', 'runs'];
  warn(`note: git diff and git merge ${understand} ${asked.join(', ')} (${attributes})`);
  if (hook !== undefined) warn(`note: kubeseal check ${runs} before each commit (${hook})`);
}

/** @throws ERR_USAGE for what is no pattern of attributes */
export function refuseBadPatterns(patterns: readonly string[]): Promise<void> {
  if (!patterns.some((pattern) => pattern === '' || pattern.startsWith('!'))) return Promise.resolve();
  throw usageError('a pattern of attributes is not empty and does not begin with !');
}

/** `kubeseal git uninstall`: removes what `install` wrote, and nothing else. @throws ERR_USAGE */
export async function uninstall({ flags }: Uninstalling, world: World): Promise<void> {
  const { io, warn } = world;
  const root = flags.global ? undefined : rootOf(io);
  const scope = scopeOf(flags);
  const settings = [...settingsIn(scope, io)].map(([key, before]) => ({ key, before, after: undefined }));
  const attributes = attributesOf(root, io);
  const before = await textOf(attributes);
  const hook = root === undefined ? undefined : hookOf(io);
  const files: FileChange[] = [
    ...(before === undefined ? [] : [{ path: attributes, before, after: restOf(before), isProgram: false }]),
    ...(hook !== undefined && (await isOurs(hook))
      ? [{ path: hook, before: await textOf(hook), after: undefined, isProgram: true }]
      : []),
  ];
  await carryOut({ scope, settings, files }, flags, world);
  warn(`note: git ${flags['dry-run'] ? 'would no longer use' : 'no longer uses'} kubeseal`);
}

/** Attributes without those of ours; undefined where nothing else was in the file. */
function restOf(attributes: string): string | undefined {
  const rest = withoutAttributes(attributes);
  return rest === '' && attributes !== '' ? undefined : rest;
}

/** Does it, or says what it would do. A configuration may hold credentials, so no lines of it are shown. */
async function carryOut(
  setup: Setup,
  { 'dry-run': isDryRun, json }: { readonly 'dry-run': boolean; readonly json: boolean },
  { io, warn }: World,
): Promise<void> {
  if (!isDryRun) await applySetup(setup, io);
  if (json) await io.stdout.write(setupAsJson(setup, isDryRun, io));
  if (!isDryRun || json) return;
  for (const { key, before, after } of setup.settings)
    if (after !== before)
      warn(
        `note: would have ${after === undefined ? `removed ${key}` : `set ${key} to ${printable(after)}`}`,
      );
  for (const { path, before, after } of setup.files) {
    const [old, fresh] = [before, after].map((text) => (text === undefined ? undefined : Buffer.from(text)));
    const diff = unifiedDiff(path, io.cwd, { before: old, after: fresh }, io.stdout.isTty === true);
    await io.stdout.write(diff);
  }
}

/** One JSON document (docs/commands/git.md). */
function setupAsJson({ settings, files }: Setup, isDryRun: boolean, { cwd }: Pick<Io, 'cwd'>): string {
  return jsonText({
    schemaVersion: SCHEMA_VERSION,
    dryRun: isDryRun,
    settings: settings.map((each) => ({ key: each.key, change: changeOf(each), value: each.after ?? null })),
    files: files.map((each) => ({ file: relative(cwd, each.path), change: changeOf(each) })),
  });
}

function changeOf({ before, after }: Pick<SettingChange, 'before' | 'after'>): string {
  if (before === after) return 'unchanged';
  if (after === undefined) return 'removed';
  return before === undefined ? 'added' : 'changed';
}

function settingsFor({ programName }: Pick<Io, 'programName'>): (readonly [key: string, value: string])[] {
  return [
    ['diff.kubeseal.textconv', `${programName} git textconv --`],
    ['merge.kubeseal.name', 'SealedSecrets, item by item'],
    ['merge.kubeseal.driver', `${programName} git merge-driver -- %O %A %B %P %L`],
  ];
}

function scopeOf({ global }: { readonly global: boolean }): string {
  return global ? '--global' : '--local';
}

/** What a file holds; undefined where there is none. @throws ERR_USAGE for what cannot be read */
async function textOf(path: string): Promise<string | undefined> {
  return existsSync(path) ? Buffer.from(await readInput('/', path)).toString('utf8') : undefined;
}

function rootOf(io: Io): string {
  return git(['rev-parse', '--show-toplevel'], io).text;
}

/**
 * The attributes of the repository, or those of this user.
 *
 * @throws ERR_USAGE for a link in a repository: Git does not read it, and it may lead out
 */
function attributesOf(root: string | undefined, io: Io): string {
  if (root !== undefined) {
    const own = join(root, '.gitattributes');
    if (lstatSync(own, { throwIfNoEntry: false })?.isSymbolicLink())
      throw usageError('.gitattributes is a link, which Git does not follow', 'replace it by a file');
    return own;
  }
  const { text } = git(['config', '--global', '--type=path', '--get', 'core.attributesFile'], io, {
    expected: [0, 1],
  });
  if (text !== '') return text;
  const home = io.env['XDG_CONFIG_HOME'] || join(io.env['HOME'] ?? homedir(), '.config');
  return join(home, 'git', 'attributes');
}

function hookOf(io: Io): string {
  return resolve(io.cwd, git(['rev-parse', '--git-path', 'hooks/pre-commit'], io).text);
}

function hookText({ programName }: Io): string {
  return `#!/bin/sh\n${HOOK_MARK}\nexec ${programName} git pre-commit\n`;
}

const HOOK_MARK = '# Written by kubeseal git install; kubeseal git uninstall removes it.';

/** Whether `install` wrote the hook; a directory and a link to nowhere are somebody else's. */
async function isOurs(hook: string): Promise<boolean> {
  const isFile = statSync(hook, { throwIfNoEntry: false })?.isFile() === true;
  return isFile && (await textOf(hook))?.split('\n')[1] === HOOK_MARK;
}

/** A hook that something else made is not replaced, and shared hooks are not changed. */
async function refuseForeignHook(hook: string, io: Io): Promise<void> {
  const shared = git(['config', '--get', 'core.hooksPath'], io, { expected: [0, 1] }).text;
  const isFree = lstatSync(hook, { throwIfNoEntry: false }) === undefined;
  if (shared === '' && (isFree || (await isOurs(hook)))) return;
  const what = shared === '' ? `there is a hook already: ${hook}` : `hooks are in ${shared} (core.hooksPath)`;
  throw usageError(
    `${what}; nothing was changed`,
    `add the line "${io.programName} git pre-commit" to your hook, and give --hook=false here`,
  );
}
