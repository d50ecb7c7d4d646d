import { repositoryOf } from '../../io/repository.ts';

/** As much as Git may answer. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** The configuration of a repository could name a program that Git runs for this. */
const RUNS_NOTHING = ['-c', 'core.fsmonitor=false'];

/**
 * The files below a directory that Git tracks although a .gitignore matches them, from the directory on.
 * Nothing outside of a repository, and where Git cannot tell.
 */
export function trackedDespiteIgnore(directory: string): readonly string[] {
  if (repositoryOf(directory) === undefined) return [];
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // not an import: few runs need it
  const args = [...RUNS_NOTHING, 'ls-files', '-z', '--cached', '--ignored', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', args, { cwd: directory, maxBuffer: MAX_ANSWER_BYTES });
  if (status !== 0) return [];
  return stdout
    .toString('utf8')
    .split('\0')
    .filter((name) => name !== '')
    .sort();
}
