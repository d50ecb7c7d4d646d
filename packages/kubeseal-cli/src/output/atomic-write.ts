// Over 200 lines: every way to replace a file, and what a crash leaves of each, stands in one place.
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { fileError } from '@fuin/flags/errno';

/** In the thread pool, where the disk syncs several files as fast as one. */
const sync = promisify(fsync);
const NEW_FILE_MODE = 0o600;
/**
 * A file cannot be replaced if it is a mount (EBUSY, EXDEV) or its directory is not writable. The file itself
 * may still be writable.
 */
const IRREPLACEABLE = ['EBUSY', 'EXDEV', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG'];

/**
 * Files that were replaced. Until `sync` has ended, a power loss may bring the old content of some back, each
 * as a whole.
 */
export class Renames {
  readonly #directories = new Set<string>();

  add(file: string): void {
    this.#directories.add(dirname(file));
  }

  /** Each directory once. Windows cannot sync directories. */
  async sync(): Promise<void> {
    const directories = [...this.#directories];
    this.#directories.clear();
    await Promise.allSettled(directories.map(syncDirectory));
  }
}

/**
 * Checks, before any work is done, that a file can be written.
 *
 * @throws ERR_USAGE when its directory is missing, and when it is a directory itself or is named like one
 */
export async function checkWritable(cwd: string, name: string): Promise<void> {
  const target = targetOf(resolve(cwd, name));
  try {
    if (!statSync(dirname(target)).isDirectory())
      throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    if (name.endsWith('/') || attempt(() => statSync(target))?.isDirectory())
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
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
 * Only what waits for the disk is done in the thread pool, where RSA operations may be queued before it.
 *
 * @param renames gets to know the file, and syncs its directory later, for many files at once
 * @throws ERR_USAGE
 */
export async function atomicWrite(
  cwd: string,
  name: string,
  content: Uint8Array | string,
  renames?: Renames,
): Promise<void> {
  const target = targetOf(resolve(cwd, name));
  const existing = attempt(() => statSync(target));
  const own = renames ?? new Renames();
  try {
    if (existing && !existing.isFile()) return writeFileSync(target, content);
    if (existing) await replaceOrOverwrite(target, content, existing);
    else await replace(target, content);
  } catch (error) {
    throw fileError(error, 'open', name);
  }
  own.add(target);
  if (!renames) await own.sync();
}

/** Writes a file like atomicWrite, and makes the directories that lead to it. @throws ERR_USAGE */
export async function writeNew(
  cwd: string,
  name: string,
  content: Uint8Array | string,
  renames?: Renames,
): Promise<void> {
  try {
    mkdirSync(dirname(resolve(cwd, name)), { recursive: true });
  } catch (error) {
    throw fileError(error, 'mkdir', dirname(name));
  }
  await atomicWrite(cwd, name, content, renames);
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
      overwrite(target, content);
    });
  } catch (error) {
    if (!mayOverwrite(error)) throw error;
    overwrite(target, content); // not even a temporary file can be made
  }
}

/**
 * Overwrites the old content without truncating it first: its space is already allocated, so a full disk
 * cannot leave half of the content.
 */
function overwrite(target: string, content: Uint8Array | string): void {
  const file = openSync(target, 'r+');
  try {
    const old = readFileSync(file);
    try {
      writeFromStart(file, Buffer.from(content));
    } catch (error) {
      writeFromStart(file, old);
      throw error;
    }
  } finally {
    closeSync(file);
  }
}

function writeFromStart(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
  ftruncateSync(file, bytes.length);
  fsyncSync(file);
}

/** @param instead what to do if the temporary file cannot replace the target; it exists until this ends */
async function replace(
  target: string,
  content: Uint8Array | string,
  existing?: Stats,
  instead?: (error: unknown) => void,
): Promise<void> {
  // 'wx' below refuses a taken name
  const temporary = join(dirname(target), `.${basename(target)}${Math.random().toString(36).slice(2)}`);
  try {
    await writeTemporary(temporary, content, existing);
    try {
      renameSync(temporary, target);
    } catch (error) {
      if (!instead) throw error;
      instead(error);
      unlinkSync(temporary);
    }
  } catch (error) {
    attempt(() => unlinkSync(temporary));
    throw error;
  }
}

async function writeTemporary(
  temporary: string,
  content: Uint8Array | string,
  existing?: Stats,
): Promise<void> {
  const file = openSync(temporary, 'wx', NEW_FILE_MODE);
  try {
    writeFileSync(file, content);
    if (existing) {
      attempt(() => fchownSync(file, existing.uid, existing.gid)); // only root may give files away
      fchmodSync(file, existing.mode & 0o7777);
    }
    await sync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the renames in it survive a power loss. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = openSync(directory, 'r');
  try {
    await sync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The target of symbolic links, even if it does not exist yet. */
function targetOf(path: string): string {
  const real = attempt(() => realpathSync.native(path));
  if (real !== undefined) return real;
  const link = attempt(() => readlinkSync(path));
  return link === undefined ? path : resolve(dirname(path), link);
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
