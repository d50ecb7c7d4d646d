import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from './io.ts';

/** A directory that only this user can enter, for values in the clear. */
export interface PrivateDirectory {
  readonly path: string;
  /** Whether it is in memory: what is written there reaches no disk, except by swapping. */
  readonly isInMemory: boolean;
}

/** Types of memory file systems, as statfs(2) names them: tmpfs and ramfs. */
const IN_MEMORY = [0x01021994, 0x858458f6];
const PREFIX = 'kubeseal-';

/** Signals that end a process which does not listen to them. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Makes a private directory, in memory where there is such a file system, and removes it when the work ends,
 * fails, a signal ends the process or it exits. Files in it are overwritten first. What a process left behind
 * that was killed is removed by the next one.
 */
export async function withPrivateDirectory<T>(
  env: Io['env'],
  run: (directory: PrivateDirectory) => Promise<T>,
): Promise<T> {
  const { base, isInMemory } = baseOf(env);
  removeLeftovers(base);
  const path = mkdtempSync(join(base, `${PREFIX}${processSpace()}-${process.pid}-`)); // mode 0700
  const remove = () => {
    wipe(path);
    rmSync(path, { recursive: true, force: true });
  };
  const end = (signal: NodeJS.Signals) => {
    if (process.listenerCount(signal) > 1) return; // the work listens too, and decides
    remove();
    process.off(signal, end);
    process.kill(process.pid, signal);
  };
  process.once('exit', remove);
  for (const signal of ENDING) process.on(signal, end);
  try {
    return await run({ path, isInMemory });
  } finally {
    for (const signal of ENDING) process.off(signal, end);
    process.off('exit', remove);
    remove();
  }
}

/** Writes a new file that only this user can read. @throws if there is one of that name */
export function writePrivately(path: string, content: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
  } finally {
    closeSync(file);
  }
}

function baseOf(env: Io['env']): { readonly base: string; readonly isInMemory: boolean } {
  const runtime = env['XDG_RUNTIME_DIR'];
  const candidates = [...(runtime === undefined ? [] : [runtime]), '/dev/shm'];
  const base = candidates.find(isUsableMemory);
  return { base: base ?? tmpdir(), isInMemory: base !== undefined };
}

function isUsableMemory(path: string): boolean {
  try {
    const { mode, uid } = statSync(path);
    const isOwn = uid === process.getuid?.();
    const isSticky = (mode & 0o1000) !== 0;
    // in somebody else's directory, or one that all may change, the new directory could be replaced
    if (!(isOwn && (mode & 0o022) === 0) && !isSticky) return false;
    return IN_MEMORY.includes(statfsSync(path).type);
  } catch {
    return false;
  }
}

/** Numbers of processes count within this: containers may share /dev/shm without seeing each other. */
function processSpace(): string {
  try {
    return String(statSync('/proc/self/ns/pid').ino);
  } catch {
    return '0';
  }
}

/** Removes the directories of this user's processes that have ended. */
function removeLeftovers(base: string): void {
  const leftover = new RegExp(`^${PREFIX}${processSpace()}-(\\d+)-\\w+$`);
  for (const name of readdirSync(base)) {
    const pid = leftover.exec(name)?.[1];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(base, name);
    try {
      const { uid } = lstatSync(path);
      if (uid !== process.getuid?.() || !lstatSync(path).isDirectory()) continue;
      wipe(path);
      rmSync(path, { recursive: true, force: true });
    } catch {
      // another process removed it
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Overwrites the regular files below a directory. Where that fails, they are still removed. */
function wipe(directory: string): void {
  try {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) overwrite(join(entry.parentPath, entry.name));
  } catch {
    // a program removes files at the same time
  }
}

function overwrite(path: string): void {
  try {
    const file = openSync(path, 'r+');
    try {
      const { size, nlink } = fstatSync(file);
      if (nlink === 1) writeSync(file, new Uint8Array(size), 0, size, 0);
    } finally {
      closeSync(file);
    }
  } catch {
    // it is read-only or gone
  }
}
