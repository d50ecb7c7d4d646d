import { statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { fileError } from '@fuin/flags/errno';
import { usageError } from '../usage-error.ts';
import { pathBelow, realPathOf, type SettingsPlace } from './find-settings.ts';

/** What is larger is no certificate. */
const MAX_BYTES = 1024 * 1024;

/** Whether a certificate of a settings file is a URL. */
export function isUrl(certificate: string): boolean {
  return /^[a-zA-Z][a-zA-Z0-9+.-]+:/.test(certificate);
}

/**
 * The certificate of a settings file as --cert would name it: a URL as it is, a file relative to the current
 * directory. A repository that somebody cloned must not make kubeseal open other files of the machine (a
 * device that never ends, a pipe), so the file has to be below the directory of the settings, links followed.
 *
 * @throws ERR_USAGE
 */
export function certificateSource(certificate: string, place: SettingsPlace, cwd: string): string {
  if (isUrl(certificate)) {
    const url = URL.parse(certificate);
    if (url && ['https:', 'http:'].includes(url.protocol) && url.username === '' && url.password === '')
      return certificate;
    throw usageError(
      `${place.where}: a certificate is neither a file nor an https URL without a user`,
      'a file is relative to the settings file',
    );
  }
  return fileBelow(
    certificatePath(certificate, place),
    { name: certificate, what: 'certificate' },
    place,
    cwd,
  );
}

/** A recipient of a settings file as --recipient would name it, with the same rules. @throws ERR_USAGE */
export function recipientSource(recipient: string, place: SettingsPlace, cwd: string): string {
  if (isRecipient(recipient)) return recipient;
  const named = { name: recipient, what: 'file of recipients' };
  return fileBelow(pathOf(named, place), named, place, cwd);
}

/** Whether a word is a recipient, and no file of them. */
export function isRecipient(word: string): boolean {
  return /^fuin1/i.test(word);
}

/** The absolute path of a certificate, without links; it may be missing. @throws ERR_USAGE */
export function certificatePath(certificate: string, place: SettingsPlace): string {
  return pathOf({ name: certificate, what: 'certificate' }, place);
}

/** A file that the settings name, and what it should be. */
interface NamedFile {
  readonly name: string;
  readonly what: string;
}

function pathOf({ name, what }: NamedFile, { where, directory }: SettingsPlace): string {
  const path = realPathOf(resolve(directory, name));
  if (pathBelow(directory, path) !== undefined) return path;
  throw usageError(
    `${where}: the ${what} ${name} is outside of the directory of the settings file`,
    'put a copy beside it: what is sealed with is public',
  );
}

function fileBelow(path: string, { name, what }: NamedFile, { where }: SettingsPlace, cwd: string): string {
  if (!isSmallFile(path, `${name} of ${where}`)) throw usageError(`${where}: ${name} is not a ${what}`);
  return relative(cwd, path);
}

/**
 * Whether a file can be read as a whole at once: no device that never ends, no pipe, and not large.
 *
 * @param where how messages call it
 * @throws ERR_USAGE where it is missing
 */
export function isSmallFile(path: string, where: string): boolean {
  const { isFile, size } = statOf(path, where);
  return isFile && size <= MAX_BYTES;
}

function statOf(path: string, where: string): { isFile: boolean; size: number } {
  try {
    const stats = statSync(path);
    return { isFile: stats.isFile(), size: stats.size };
  } catch (error) {
    throw fileError(error, 'open', where);
  }
}
