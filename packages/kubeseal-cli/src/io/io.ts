import { fstatSync, readFileSync, readSync, writeSync } from 'node:fs';
import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { fileError } from '@fuin/flags/errno';
import { readSlowStream } from './bounded.ts';
import { isEndless } from './files.ts';

/** Everything outside the program that it uses, so that tests can replace it. Files are real. */
export interface Io {
  readonly stdin: {
    readonly isTty: boolean;
    read(): Promise<Uint8Array>;
    /** Reads what may be too large for memory. If undefined, `read` is used. */
    chunks?(): AsyncIterable<Uint8Array>;
    /** Reads one line of a terminal that is not shown while it is typed. If undefined, `read` is used. */
    readHidden?(prompt: string): Promise<Uint8Array>;
    /** Reads one line of a terminal. If undefined, nobody can be asked. */
    ask?(prompt: string): Promise<string>;
  };
  readonly stdout: { readonly isTty?: boolean; write(bytes: Uint8Array | string): Promise<void> };
  readonly stderr: { readonly isTty: boolean; write(text: string): void };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names start here. */
  readonly cwd: string;
  /** How the program was called, for help. */
  readonly programName: string;
  now(): Date;
}

/** The Io of a process. */
export interface ProcessIo extends Io {
  /** Resolves when stderr has everything, so that the process may exit. */
  written(): Promise<void>;
}

/**
 * The Io of this process. It uses Node's streams only where plain reads and writes do not suffice, because
 * they cost start-up time.
 */
export function processIo(): ProcessIo {
  const stderr = openStderr();
  return {
    written: stderr.written,
    stdin: {
      get isTty() {
        return isTerminal(0);
      },
      read: readStdin,
      chunks: () => process.stdin,
      readHidden: async (prompt) => (await import('./hidden-input.ts')).readHiddenLine(prompt),
      ask: async (prompt) => (await import('./visible-input.ts')).readVisibleLine(prompt),
    },
    stdout: {
      get isTty() {
        return isTerminal(1);
      },
      write: writeStdout,
    },
    stderr: {
      get isTty() {
        return isTerminal(2);
      },
      write: stderr.write,
    },
    env: process.env,
    cwd: process.cwd(),
    programName: programNameOf(process.argv0, process.argv[1]),
    now: () => new Date(),
  };
}

/**
 * The command that users type: `kubeseal`, or `kubectl seal-secret` if the program is called
 * `kubectl-seal_secret`. kubectl replaces dashes by spaces, and underscores by dashes.
 *
 * @param callers paths by which the program or its script was called
 */
export function programNameOf(...callers: readonly (string | undefined)[]): string {
  const plugins = callers.map((path) => /(?:^|[\\/])kubectl-([\w-]+)(?:\.exe)?$/.exec(path ?? '')?.[1]);
  const plugin = plugins.find((name) => name !== undefined);
  return plugin === undefined ? 'kubeseal' : `kubectl ${plugin.replaceAll('-', ' ').replaceAll('_', '-')}`;
}

function isTerminal(descriptor: number): boolean {
  try {
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false; // closed
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** @throws ERR_USAGE, also for a pipe or a device with more than 64 MiB */
async function readStdin(): Promise<Uint8Array> {
  try {
    if (!isEndless(0)) return readFileSync(0);
    return await readSlowStream(
      'stdin',
      (into) => readSync(0, into),
      () => process.stdin,
    );
  } catch (error) {
    throw error instanceof SealedSecretsError ? error : fileError(error, 'read', 'stdin');
  }
}

/**
 * Resolves when the reader has received everything, or has closed the pipe (`kubeseal | head`), which is not
 * an error.
 */
async function writeStdout(content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return;
    if (code !== 'EAGAIN') throw fileError(error, 'write', 'stdout');
    await writeStream(bytes.subarray(written));
  }
}

/**
 * Writes to stderr at once. After the first text that it cannot take yet (EAGAIN, as for stdout), Node's
 * stream keeps the order of the rest. Where stderr is closed, the text is dropped.
 */
function openStderr(): { write(text: string): void; written(): Promise<void> } {
  let waiting: Promise<void> | undefined;
  return {
    write(text) {
      const bytes = Buffer.from(text);
      let length = 0;
      try {
        while (!waiting && length < bytes.length) length += writeSync(2, bytes, length);
        if (!waiting) return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
        process.stderr.on('error', () => undefined);
      }
      waiting = new Promise((resolve) => {
        process.stderr.write(bytes.subarray(length), () => resolve());
      });
    },
    written: async () => waiting,
  };
}

function writeStream(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' ? resolve() : reject(error),
    );
    process.stdout.write(bytes, () => resolve());
  });
}
