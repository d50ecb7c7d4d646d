import {
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { SealedSecretsError } from '@fuin/crypto-core';
import { fileError } from '@fuin/flags/errno';
import { usageError } from '../usage-error.ts';

/** The name under which settings are found. */
export const SETTINGS_NAME = '.kubeseal.yaml';

/** Far more than a thousand rules need. */
export const MAX_SETTINGS_BYTES = 1024 * 1024;

/** Where a settings file is. */
export interface SettingsPlace {
  /** Absolute, without links. */
  readonly path: string;
  /** Absolute, without links: patterns and files in the settings are relative to it. */
  readonly directory: string;
  /** How messages call the file. */
  readonly where: string;
}

/**
 * The settings for a file, which need not exist: the nearest one in its directory and above, up to the
 * directory of the Git repository.
 *
 * @param cwd an absolute path; messages name the file relative to it
 * @param user who runs the program; undefined on Windows
 * @throws ERR_USAGE for a settings file of another user in a directory that everybody may write to
 */
export function findSettings(
  file: string,
  cwd: string,
  user: number | undefined = process.getuid?.(),
): SettingsPlace | undefined {
  return settingsAbove(directoryOf(file, cwd), cwd, user);
}

/** The directory of a file without links, see realPathOf. */
export function directoryOf(file: string, cwd: string): string {
  return dirname(realPathOf(resolve(cwd, file)));
}

/** The settings for the files of a directory without links, like findSettings. @throws ERR_USAGE */
export function settingsAbove(
  directory: string,
  cwd: string,
  user: number | undefined = process.getuid?.(),
): SettingsPlace | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const path = join(at, SETTINGS_NAME);
    if (existsSync(path)) {
      refuseForeign(path, at, user);
      return placeOf(path, at, cwd);
    }
    if (existsSync(join(at, '.git')) || dirname(at) === at) return undefined;
  }
}

/** The settings file that the user names. @throws ERR_USAGE in Go's words where there is none */
export function namedSettings(name: string, cwd: string): SettingsPlace {
  const path = orFileError(name, () => realpathSync(resolve(cwd, name)));
  return { path, directory: dirname(path), where: name };
}

/** The bytes of a settings file. @throws ERR_USAGE, also for a large file, which is not read then */
export function settingsBytes({ path, where }: SettingsPlace): Uint8Array {
  const stats = orFileError(where, () => statSync(path));
  if (!stats.isFile()) throw usageError(`${where} is not a file`);
  if (stats.size > MAX_SETTINGS_BYTES) throw tooLarge(where);
  return orFileError(where, () => readFileSync(path));
}

/** The error for a settings file that is too large. */
export function tooLarge(where: string): SealedSecretsError {
  return usageError(`${where} is over 1 MiB`);
}

/** As many links as Linux follows. */
const MAX_LINKS = 40;

/**
 * The path of a file without links, also where the file, or directories above it, do not exist yet: a link to
 * a file of another cluster follows the rule of that cluster, and one to a file that is missing leads to
 * where that file would be made.
 */
export function realPathOf(path: string, links = 0): string {
  try {
    return realpathSync.native(path);
  } catch {
    if (dirname(path) === path) return path;
    const directory = realPathOf(dirname(path), links);
    const target = links < MAX_LINKS ? linkAt(join(directory, basename(path))) : undefined;
    return target === undefined
      ? join(directory, basename(path))
      : realPathOf(resolve(directory, target), links + 1);
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // it is missing, or no link
  }
}

/** The path of something below a directory, with slashes; undefined where it is elsewhere. */
export function pathBelow(directory: string, path: string): string | undefined {
  const below = relative(directory, path);
  const isElsewhere =
    below === '' || below === '..' || below.startsWith(`..${sep}`) || resolve(below) === below;
  return isElsewhere ? undefined : below.split(sep).join('/');
}

function orFileError<T>(where: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fileError(error, 'open', where);
  }
}

function placeOf(path: string, directory: string, cwd: string): SettingsPlace {
  const where = relative(cwd, path);
  return { path, directory, where: where.startsWith(`..${sep}..${sep}..`) ? path : where };
}

/** Anyone may put a file into /tmp, where others work. */
function refuseForeign(path: string, directory: string, user: number | undefined): void {
  const [file, around] = [lstatSync(path), statSync(directory)];
  if (user === undefined || (around.mode & 0o002) === 0 || isOwn(file, user)) return;
  throw usageError(
    `${path} belongs to another user, in a directory that everybody may write to`,
    'name a settings file with --config, or give --no-config',
  );
}

function isOwn({ uid }: Stats, user: number): boolean {
  return uid === user || uid === 0;
}
