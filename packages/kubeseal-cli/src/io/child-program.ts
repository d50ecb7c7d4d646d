import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { printable, SealedSecretsError } from '@fuin/crypto-core/errors';
import type { Io } from './io.ts';
import type { Signals } from './signals.ts';

/** A program to run with the streams of this process. */
export interface ChildProgram {
  readonly program: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a shell adds to the number of the signal that ended a program. */
const SIGNAL_EXIT = 128;
/** Errors of starting a program, without its arguments and variables. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such program',
  EACCES: 'it may not be executed',
  E2BIG: 'its arguments and variables are too large',
};

/**
 * Runs a program to its end and returns its exit code, like a shell: 128 and the number of the signal if a
 * signal ended it. Signals go on to the program, except those that a terminal sends to both.
 *
 * @throws ERR_USAGE if it cannot be started; the message holds no argument and no variable
 */
export async function runProgram(
  { program: [name = '', ...args], env }: ChildProgram,
  { cwd, stdin, stderr }: Pick<Io, 'cwd' | 'stdin' | 'stderr'>,
  signals: Signals,
): Promise<number> {
  if (signals.received) return exitCodeOf(signals.received);
  const hasTerminal = stdin.isTty || stderr.isTty;
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(name, args, { cwd, env, stdio: 'inherit' });
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(code ?? exitCodeOf(signal ?? 'SIGKILL')));
      signals.forwardTo((signal) => {
        // Ctrl-C and Ctrl-\ reach every process of the terminal's foreground group
        const isSent = hasTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT');
        if (!isSent) child.kill(signal);
      });
    });
  } catch (error) {
    throw cannotRun(name, error);
  } finally {
    signals.forwardTo(undefined);
  }
}

/** The exit code by which shells say that a signal ended a program. */
export function exitCodeOf(signal: NodeJS.Signals): number {
  return SIGNAL_EXIT + constants.signals[signal];
}

/** Node's own message and error may quote arguments and variables. */
function cannotRun(name: string, error: unknown): SealedSecretsError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[code] ?? (code || 'it cannot be started');
  return new SealedSecretsError('ERR_USAGE', `cannot run ${printable(name)}: ${reason}`);
}
