import type { Stats } from 'node:fs';
import { open, readlink, realpath, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError } from './files.ts';

const NEW_FILE_MODE = 0o600;

/**
 * Checks that a file can be written beside its present content, before any work is done.
 *
 * @throws ERR_USAGE when its directory is missing
 */
export async function checkWritable(cwd: string, name: string): Promise<void> {
  const target = await targetOf(resolve(cwd, name));
  try {
    const directory = await stat(dirname(target));
    if (!directory.isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
  } catch (error) {
    throw fileError(error, 'open', name);
  }
}

/**
 * Replaces the content of a file so that a crash at any point leaves the old content or the new one: temporary file in the
 * same directory, fsync, rename, fsync of the directory. The mode of an existing file is kept, a new one is 0600. A symbolic link is
 * followed; what is no regular file (a device, a pipe) is written to.
 *
 * @throws ERR_USAGE
 */
export async function atomicWrite(cwd: string, name: string, content: Uint8Array | string): Promise<void> {
  const target = await targetOf(resolve(cwd, name));
  const existing = await stat(target).catch(() => undefined);
  try {
    if (existing && !existing.isFile()) await writeFile(target, content);
    else await replace(target, content, existing);
  } catch (error) {
    throw fileError(error, 'open', name);
  }
}

async function replace(
  target: string,
  content: Uint8Array | string,
  existing: Stats | undefined,
): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}${Math.random().toString(36).slice(2)}`); // 'wx' below refuses a taken name
  try {
    const file = await open(temporary, 'wx', NEW_FILE_MODE);
    try {
      await file.writeFile(content);
      if (existing) {
        await file.chown(existing.uid, existing.gid).catch(() => undefined); // only root may give files away
        await file.chmod(existing.mode & 0o7777);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(target));
}

/** The rename itself must survive a power loss; where directories cannot be synced (Windows) there is nothing to do. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The file behind symbolic links, also behind one that points to nothing yet. */
async function targetOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : resolve(dirname(path), link);
}
