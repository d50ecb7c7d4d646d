import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { readTail, TAIL_BYTES, type Tail } from '@fuin/audit';

/** Why a file is not as it was left. */
export type FileChange = 'replaced' | 'grown' | 'truncated';

/** Where lines go. */
export interface Sink {
  /** Opens it. Called again after it failed. */
  open(): Promise<Tail>;
  /** What happened since the last write; opens a file anew that was renamed or deleted. */
  change(): Promise<FileChange | undefined>;
  /** Appends bytes and returns how many were taken. */
  append(bytes: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

const MODE = 0o600;
const FLAGS = constants.O_APPEND | constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW;

/**
 * A file that is appended to and never changed. Log rotation renames it and creates another one; the chain
 * goes on there.
 */
export class FileSink implements Sink {
  readonly #path: string;
  #handle: FileHandle | undefined;
  #id = '';
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async open(): Promise<Tail> {
    await this.close();
    const handle = await open(this.#path, FLAGS, MODE);
    this.#handle = handle;
    const { dev, ino, size } = await regular(handle);
    [this.#id, this.#size] = [`${dev}/${ino}`, size];
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
    return readTail(buffer.subarray(0, bytesRead));
  }

  async change(): Promise<FileChange | undefined> {
    const found = await stat(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!found || `${found.dev}/${found.ino}` !== this.#id) {
      await this.open();
      return 'replaced';
    }
    const before = this.#size;
    this.#size = found.size;
    if (found.size === before) return undefined;
    return found.size > before ? 'grown' : 'truncated';
  }

  async append(bytes: Uint8Array): Promise<number> {
    if (!this.#handle) throw new Error('the file is not open');
    const { bytesWritten } = await this.#handle.write(bytes);
    this.#size += bytesWritten;
    return bytesWritten;
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    [this.#handle, this.#id] = [undefined, ''];
    await handle?.close();
  }
}

/** A pipe or a device has no end to read, and a directory cannot be written. */
async function regular(handle: FileHandle) {
  const stats = await handle.stat();
  if (!stats.isFile()) throw Object.assign(new Error('not a regular file'), { code: 'EINVAL' });
  return stats;
}
