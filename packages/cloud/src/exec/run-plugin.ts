import { spawn } from 'node:child_process';
import { SealedSecretsError } from '@fuin/crypto-core';
import { unavailable } from '../faults.ts';

/** One run of a program. */
export interface PluginRun {
  readonly program: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names it in messages. */
  readonly who: string;
  readonly input: string;
  readonly timeoutMs: number;
}

const MAX_OUTPUT_BYTES = 65_536;

/**
 * What a program prints on stdout. No shell is involved, and its stderr is never shown: it may hold a key, a
 * token, or what a terminal obeys. When its time is over it is killed with all that it has started.
 *
 * @throws ERR_KEY_SERVICE_UNAVAILABLE where it is missing, fails, takes too long or prints too much
 */
export async function runPlugin({
  program,
  args = [],
  env,
  who,
  input,
  timeoutMs,
}: PluginRun): Promise<string> {
  // a group of its own, so that what it starts ends with it
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
  let fault: string | undefined;
  const stop = (reason: string) => {
    fault ??= reason;
    child.stdout.destroy();
    if (child.pid !== undefined) killGroup(child.pid);
  };
  const timer = setTimeout(() => stop('no answer in time'), timeoutMs);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT_BYTES) stop('its answer is too long');
    else chunks.push(chunk);
  });
  child.stdin.on('error', () => undefined); // it may answer without reading
  child.stdin.end(input);
  try {
    const ended = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', reject).once('close', (code, signal) => resolve(endOf(code, signal)));
    });
    const reason = fault ?? ended;
    if (reason !== undefined) throw unavailable(who, reason);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (error instanceof SealedSecretsError) throw error;
    const { code = '' } = error as NodeJS.ErrnoException; // the text may quote a variable
    throw unavailable(who, code === 'ENOENT' ? 'there is no such program' : `it failed to start: ${code}`);
  } finally {
    clearTimeout(timer);
  }
}

function endOf(code: number | null, signal: string | null): string | undefined {
  if (signal !== null) return `it was ended by ${signal}`;
  return code === 0 ? undefined : `it failed with exit code ${code}`;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended in the meantime
  }
}
