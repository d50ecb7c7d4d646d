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
  const path = certificatePath(certificate, place);
  const { isFile, size } = statOf(path, `${certificate} of ${place.where}`);
  if (!isFile || size > MAX_BYTES) throw usageError(`${place.where}: ${certificate} is not a certificate`);
  return relative(cwd, path);
}

/** The absolute path of a certificate, without links; it may be missing. @throws ERR_USAGE */
export function certificatePath(certificate: string, { where, directory }: SettingsPlace): string {
  const path = realPathOf(resolve(directory, certificate));
  if (pathBelow(directory, path) !== undefined) return path;
  throw usageError(
    `${where}: the certificate ${certificate} is outside of the directory of the settings file`,
    'put a copy beside it: certificates are public',
  );
}

function statOf(path: string, where: string): { isFile: boolean; size: number } {
  try {
    const stats = statSync(path);
    return { isFile: stats.isFile(), size: stats.size };
  } catch (error) {
    throw fileError(error, 'open', where);
  }
}
