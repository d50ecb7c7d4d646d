import { spawn } from 'node:child_process';
import { SealedSecretsError } from '@fuin/crypto-core';

/** A program of the user that answers on stdout. */
export interface ProgramCall {
  readonly program: string;
  /** Arguments are public: other users of the machine see them. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What to do where it is not installed. */
  readonly hint: string;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * What a program prints on stdout. No shell is involved, and what the program says on stderr is not shown: it
 * may hold a value, a token, or what a terminal obeys.
 *
 * @throws ERR_USAGE where it is missing or fails; never with its output
 */
export async function outputOf(call: ProgramCall): Promise<Buffer> {
  const { program, args, env, cwd } = call;
  // stdin stays with kubeseal: it may be a file of values
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    // the pipe closes too: what the program has started may write to it for ever
    else if (child.kill('SIGKILL')) child.stdout.destroy();
  });
  const end = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) =>
      resolve(
        signal === null ? (code === 0 ? '' : `failed with exit code ${code}`) : `was ended by ${signal}`,
      ),
    );
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw failure(`${program} is not installed`, call.hint);
    throw failure(`${program} failed to start: ${error.code}`, call.hint);
  });
  if (size > MAX_OUTPUT_BYTES) throw failure(`${program} prints more than a Secret can hold`);
  if (end !== '') throw failure(`${program} ${end}`, runByHand(call));
  return Buffer.concat(chunks);
}

/**
 * A token that a program prints: one line of characters that a header may hold.
 *
 * @throws ERR_USAGE
 */
export function tokenIn(output: string, program: string): string {
  const token = output.trim();
  if (/^[\x21-\x7e]{1,16384}$/.test(token)) return token;
  throw failure(`${program} gives no token`);
}

function runByHand({ program, args }: ProgramCall): string {
  const line = [program, ...args].map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : '...')).join(' ');
  return `run it by hand to see what it says, which is not shown here because it may hold a value: ${line} >/dev/null`;
}

function failure(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
