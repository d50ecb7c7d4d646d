import type { Stats } from 'node:fs';
import {
  type FileHandle,
  mkdir,
  open,
  readlink,
  realpath,
  rename,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileError } from '@fuin/flags/errno';

const NEW_FILE_MODE = 0o600;
/**
 * A file cannot be replaced if it is a mount (EBUSY, EXDEV) or its directory is not writable. The file itself
 * may still be writable.
 */
const IRREPLACEABLE = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'];

/**
 * Checks, before any work is done, that a file can be written.
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
 * Replaces the content of a file so that a crash at any point leaves the old content or the new one:
 * temporary file in the same directory, fsync, rename, fsync of the directory. The mode of an existing file
 * is kept, a new one is 0600. A symbolic link is followed; anything but a regular file (a device, a pipe) is
 * written to. A file that cannot be replaced is overwritten; meanwhile the temporary file keeps the new
 * content if the directory is writable.
 *
 * @throws ERR_USAGE
 */
export async function atomicWrite(cwd: string, name: string, content: Uint8Array | string): Promise<void> {
  const target = await targetOf(resolve(cwd, name));
  const existing = await stat(target).catch(() => undefined);
  try {
    if (existing && !existing.isFile()) await writeFile(target, content);
    else if (existing) await replaceOrOverwrite(target, content, existing);
    else await replace(target, content);
  } catch (error) {
    throw fileError(error, 'open', name);
  }
}

/** Writes a file like atomicWrite, and makes the directories that lead to it. @throws ERR_USAGE */
export async function writeNew(cwd: string, name: string, content: Uint8Array | string): Promise<void> {
  try {
    await mkdir(dirname(resolve(cwd, name)), { recursive: true });
  } catch (error) {
    throw fileError(error, 'mkdir', dirname(name));
  }
  await atomicWrite(cwd, name, content);
}

async function replaceOrOverwrite(
  target: string,
  content: Uint8Array | string,
  existing: Stats,
): Promise<void> {
  const mayOverwrite = (error: unknown) =>
    IRREPLACEABLE.includes((error as NodeJS.ErrnoException).code ?? '');
  try {
    await replace(target, content, existing, (error) => {
      if (!mayOverwrite(error)) throw error;
      return overwrite(target, content);
    });
  } catch (error) {
    if (!mayOverwrite(error)) throw error;
    await overwrite(target, content); // not even a temporary file can be made
  }
}

/**
 * Overwrites the old content without truncating it first: its space is already allocated, so a full disk
 * cannot leave half of the content.
 */
async function overwrite(target: string, content: Uint8Array | string): Promise<void> {
  const bytes = Buffer.from(content);
  const file = await open(target, 'r+');
  try {
    const old = await file.readFile();
    try {
      await writeAt(file, bytes);
    } catch (error) {
      await writeAt(file, old);
      throw error;
    }
  } finally {
    await file.close();
  }
}

async function writeAt(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; )
    at += (await file.write(bytes, at, bytes.length - at, at)).bytesWritten;
  await file.truncate(bytes.length);
  await file.sync();
}

/** @param instead what to do if the temporary file cannot replace the target; it exists until this ends */
async function replace(
  target: string,
  content: Uint8Array | string,
  existing?: Stats,
  instead?: (error: unknown) => Promise<void>,
): Promise<void> {
  // 'wx' below refuses a taken name
  const temporary = join(dirname(target), `.${basename(target)}${Math.random().toString(36).slice(2)}`);
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
    await rename(temporary, target).catch(async (error: unknown) => {
      if (!instead) throw error;
      await instead(error);
      await unlink(temporary);
    });
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(dirname(target));
}

/** Makes the rename survive a power loss. Windows cannot sync directories, so errors are ignored. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** The target of symbolic links, even if it does not exist yet. */
async function targetOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== undefined) return real;
  const link = await readlink(path).catch(() => undefined);
  return link === undefined ? path : resolve(dirname(path), link);
}
