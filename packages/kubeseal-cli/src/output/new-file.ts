import { lstatSync } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { fileError } from '@fuin/flags/errno';
import { usageError } from '../invocation/usage-error.ts';
import { checkWritable } from './atomic-write.ts';

/**
 * Creates a file that must not exist, mode 0600, and reads it back. A symbolic link of that name is not
 * followed: it counts as a file that exists. A file that could not be written whole is removed.
 *
 * @param isGood judges what was read back; a rejection removes the file too
 * @throws ERR_USAGE
 */
export async function createFile(
  cwd: string,
  name: string,
  content: string,
  isGood: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const path = resolve(cwd, name);
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw isThere ? existsAlready(name) : fileError(error, 'open', name);
  });
  try {
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await isGood(await readFile(path));
  } catch (error) {
    await unlink(path).catch(() => undefined);
    throw error instanceof SealedSecretsError ? error : fileError(error, 'write', name);
  }
}

/**
 * Checks that createFile can create a file.
 *
 * @throws ERR_USAGE where there is something of the name, or a link, and where its directory is missing
 */
export async function checkCreatable(cwd: string, name: string): Promise<void> {
  if (lstatSync(resolve(cwd, name), { throwIfNoEntry: false })) throw existsAlready(name);
  await checkWritable(cwd, name);
}

function existsAlready(name: string): SealedSecretsError {
  return usageError(`${name} exists already`, 'name another file: kubeseal never replaces keys');
}
