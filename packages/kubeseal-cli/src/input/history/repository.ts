import { execFileSync } from 'node:child_process';
import { SealedSecretsError } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';

/** A Git repository whose whole history is there. */
export interface Repository {
  /** In its working tree, or the repository itself where it is bare. */
  readonly directory: string;
  /** As messages call it. */
  readonly where: string;
  /** Its directory of Git, which working trees of one repository share. */
  readonly commonDirectory: string;
  readonly refs: number;
  readonly commits: number;
}

/** As much as Git may answer. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * What Git goes by when the history is read: as it was committed, not as replacements and grafts show it, and
 * nothing is fetched.
 */
export const HISTORY_ENVIRONMENT = {
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_GRAFT_FILE: '/dev/null',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
} as const;

/**
 * The repository that a directory is in.
 *
 * @throws ERR_USAGE where there is none, or a part of its history is not there: a shallow or a partial clone
 */
export function openHistory(directory: string, where: string, { env }: Pick<Io, 'env'>): Repository {
  const git = (...args: readonly string[]) => run(directory, args, env);
  const commonDirectory = git('rev-parse', '--path-format=absolute', '--git-common-dir');
  if (commonDirectory === undefined)
    throw usageError(
      `${where} is in no Git repository that can be read`,
      'leave out --history, or give another --tree',
    );
  if (git('rev-parse', '--is-shallow-repository') !== 'false')
    throw usageError(
      `the clone of ${where} is shallow: a part of its history is not there`,
      'git fetch --unshallow fetches it',
    );
  const partial = ['extensions.partialClone', 'remote\\..*\\.(promisor|partialclonefilter)'];
  if (partial.some((name) => git('config', '--get-regexp', `^${name}$`)))
    throw usageError(
      `the clone of ${where} is partial: a part of its files is not there`,
      'use a clone that was made without --filter',
    );
  const refs = git('for-each-ref', '--format=x') ?? '';
  const commits = git('rev-list', '--count', '--all');
  if (commits === undefined)
    throw new SealedSecretsError('ERR_USAGE', `git cannot read the history of ${where}`);
  const count = refs === '' ? 0 : refs.split('\n').length;
  return { directory, where, commonDirectory, refs: count, commits: Number(commits) };
}

/** What Git prints; undefined where it fails. */
function run(cwd: string, args: readonly string[], env: Io['env']): string | undefined {
  try {
    const output = execFileSync('git', args, {
      cwd,
      env: { ...env, ...HISTORY_ENVIRONMENT },
      maxBuffer: MAX_ANSWER_BYTES,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return output.toString('utf8').trimEnd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw usageError('git is not installed, or the directory is gone');
    return undefined;
  }
}
