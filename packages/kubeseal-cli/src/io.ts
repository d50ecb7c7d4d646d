/** Everything the program touches outside itself, so that tests can hand it a world of their own. Files are real. */
export interface Io {
  readonly stdin: { readonly isTty: boolean; read(): Promise<Uint8Array> };
  readonly stdout: { readonly isTty: boolean; write(bytes: Uint8Array | string): Promise<void> };
  readonly stderr: { readonly isTty: boolean; write(text: string): void };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names start here. */
  readonly cwd: string;
  /** How the program was called, for help. */
  readonly programName: string;
  now(): Date;
}

/** The Io of this process. Streams are opened only when they are used: each costs start-up time. */
export async function processIo(): Promise<Io> {
  const { isatty } = await import('node:tty');
  return {
    stdin: { isTty: isatty(0), read: () => readAll(process.stdin) },
    stdout: { isTty: isatty(1), write: (bytes) => writeAll(process.stdout, bytes) },
    stderr: { isTty: isatty(2), write: (text) => process.stderr.write(text) },
    env: process.env,
    cwd: process.cwd(),
    programName: 'kubeseal',
    now: () => new Date(),
  };
}

async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}

/** Resolves when the reader has taken everything, or has gone away: a closed pipe is its own business (`kubeseal | head`). */
function writeAll(stream: NodeJS.WriteStream, bytes: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' ? resolve() : reject(error),
    );
    stream.write(bytes, () => resolve());
  });
}
