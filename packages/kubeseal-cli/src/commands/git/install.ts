import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { withAttributes, withoutAttributes } from './attributes.ts';
import { git } from './git-process.ts';

/** The files that hold SealedSecrets by their names alone. */
const DEFAULT_PATTERNS = ['*sealed*.yaml', '*sealed*.yml', '*sealed*.json'];
const SECTIONS = ['diff.kubeseal', 'merge.kubeseal'];

/** What is installed where. */
export interface Installing {
  readonly patterns: readonly string[];
  readonly isGlobal: boolean;
  readonly hasHook: boolean;
}

type World = Pick<CommandWorld, 'io' | 'warn'>;

/**
 * `kubeseal git install`: teaches Git to show and merge SealedSecrets, and checks files before a commit. It
 * can be repeated.
 *
 * @throws ERR_USAGE where there is a hook that something else made; then nothing was changed
 */
export async function install(
  { patterns, isGlobal, hasHook }: Installing,
  { io, warn }: World,
): Promise<void> {
  const root = isGlobal ? undefined : rootOf(io);
  const hook = root !== undefined && hasHook ? hookOf(io) : undefined;
  if (hook !== undefined) refuseForeignHook(hook, io);
  const scope = isGlobal ? ['--global'] : ['--local'];
  const set = (key: string, value: string) => git(['config', ...scope, key, value], io);
  set('diff.kubeseal.textconv', `${io.programName} git textconv --`);
  set('merge.kubeseal.name', 'SealedSecrets, item by item');
  set('merge.kubeseal.driver', `${io.programName} git merge-driver -- %O %A %B %P %L`);
  const attributes = attributesOf(root, io);
  const text = existsSync(attributes) ? readFileSync(attributes, 'utf8') : '';
  const asked = patterns.length > 0 ? patterns : DEFAULT_PATTERNS;
  mkdirSync(dirname(attributes), { recursive: true });
  await atomicWriteReadable(attributes, withAttributes(text, asked), io);
  warn(`note: git diff and git merge understand ${asked.join(', ')} (${attributes})`);
  if (hook !== undefined) {
    mkdirSync(dirname(hook), { recursive: true });
    writeFileSync(hook, hookText(io), { mode: 0o755 });
    warn(`note: kubeseal check runs before each commit (${hook})`);
  }
}

/** @throws ERR_USAGE for what is no pattern of attributes */
export function refuseBadPatterns(patterns: readonly string[]): Promise<void> {
  if (!patterns.some((pattern) => pattern === '' || pattern.startsWith('!'))) return Promise.resolve();
  throw usageError('a pattern of attributes is not empty and does not begin with !');
}

/** `kubeseal git uninstall`: removes what `install` wrote, and nothing else. @throws ERR_USAGE */
export async function uninstall(isGlobal: boolean, { io, warn }: World): Promise<void> {
  const root = isGlobal ? undefined : rootOf(io);
  const scope = isGlobal ? ['--global'] : ['--local'];
  for (const section of SECTIONS) {
    const { code } = git(['config', ...scope, '--get-regexp', `^${section.replace('.', '\\.')}\\.`], io, {
      expected: [0, 1],
    });
    if (code === 0) git(['config', ...scope, '--remove-section', section], io);
  }
  const attributes = attributesOf(root, io);
  if (existsSync(attributes)) {
    const text = readFileSync(attributes, 'utf8');
    const rest = withoutAttributes(text);
    if (rest === '' && text !== '') rmSync(attributes);
    else if (rest !== text) await atomicWriteReadable(attributes, rest, io);
  }
  const hook = root === undefined ? undefined : hookOf(io);
  if (hook !== undefined && existsSync(hook) && isOurs(hook)) rmSync(hook);
  warn('note: git no longer uses kubeseal');
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

function isOurs(hook: string): boolean {
  return readFileSync(hook, 'utf8').split('\n')[1] === HOOK_MARK;
}

/** A hook that something else made is not replaced, and shared hooks are not changed. */
function refuseForeignHook(hook: string, io: Io): void {
  const shared = git(['config', '--get', 'core.hooksPath'], io, { expected: [0, 1] }).text;
  if (shared === '' && (!existsSync(hook) || isOurs(hook))) return;
  const what = shared === '' ? `there is a hook already: ${hook}` : `hooks are in ${shared} (core.hooksPath)`;
  throw usageError(
    `${what}; nothing was changed`,
    `add the line "${io.programName} git pre-commit" to your hook, and give --hook=false here`,
  );
}

/** Other users of a repository read its attributes, so a new file gets the usual mode. */
async function atomicWriteReadable(path: string, text: string, io: Io): Promise<void> {
  if (existsSync(path)) await atomicWrite(io.cwd, path, text);
  else writeFileSync(path, text);
}
