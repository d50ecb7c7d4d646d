import { spawnSync } from 'node:child_process';
import { SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';

/** As much as Git may answer. */
const MAX_ANSWER_BYTES = 1024 ** 3;

/** What Git answered. */
export interface GitAnswer {
  /** Its exit code. */
  readonly code: number;
  readonly bytes: Buffer;
  /** What it printed, without the last line end. */
  readonly text: string;
}

/**
 * Runs Git. Variables such as GIT_DIR and GIT_INDEX_FILE, which Git sets for hooks, count.
 *
 * @param expected exit codes that are no failure
 * @throws ERR_USAGE where there is no Git; ERR_MANIFEST_INVALID with what Git says where it fails
 */
export function git(
  args: readonly string[],
  { cwd, env }: Pick<Io, 'cwd' | 'env'>,
  { expected = [0], input = '' }: { readonly expected?: readonly number[]; readonly input?: string } = {},
): GitAnswer {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    cwd,
    env,
    input,
    maxBuffer: MAX_ANSWER_BYTES,
  });
  if (error && (error as NodeJS.ErrnoException).code === 'ENOENT')
    throw usageError('git is not installed, or the directory is gone');
  const code = status ?? 255;
  if (error || !expected.includes(code))
    throw new SealedSecretsError('ERR_USAGE', `git ${args[0]}: ${lastLineOf(stderr)}`);
  return { code, bytes: stdout, text: stdout.toString('utf8').replace(/\n$/, '') };
}

function lastLineOf(output: Buffer | null): string {
  return (output ?? Buffer.of()).toString('utf8').trim().split('\n').at(-1) || 'it failed';
}
