import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { GIT_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';

type Given = CommandLine<typeof GIT_FLAGS>;

/** What `kubeseal git` does: for people the first two, the others for Git itself. */
const ACTIONS = ['install', 'uninstall', 'textconv', 'merge-driver', 'pre-commit'] as const;
type Action = (typeof ACTIONS)[number];

/** Reads a command line of `kubeseal git` without touching anything. @throws ERR_USAGE */
export function readGit({ flags, changed, arguments: [first = '', ...rest] }: Given): Action {
  const action = ACTIONS.find((each) => each === first);
  if (!action) throw usageError(`git has no ${JSON.stringify(first)}`, `it takes ${ACTIONS.join(', ')}`);
  const isPlain = action === 'uninstall' || action === 'pre-commit';
  if (isPlain && rest.length > 0) throw usageError(`git ${action} takes no more arguments`);
  if (action === 'textconv' && rest.length !== 1) throw usageError('git textconv needs one file');
  if (action === 'merge-driver' && rest.length < 3)
    throw usageError('git merge-driver needs BASE OURS THEIRS');
  if (flags.global && action !== 'install' && action !== 'uninstall')
    throw usageError('--global is for install and uninstall');
  if (changed.has('hook') && action !== 'install') throw usageError('--hook is for install');
  if (rest.some((pattern) => action === 'install' && (pattern === '' || pattern.startsWith('!'))))
    throw usageError('a pattern of attributes is not empty and does not begin with !');
  return action;
}

/** `kubeseal git install|uninstall`, and what Git runs once that is done. */
export async function runGit(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: all } = given;
  const rest = all.slice(1);
  switch (readGit(given)) {
    case 'install':
      return (await import('./install.ts')).install(
        { patterns: rest, isGlobal: flags.global, hasHook: flags.hook },
        world,
      );
    case 'uninstall':
      return (await import('./install.ts')).uninstall(flags.global, world);
    case 'textconv':
      return (await import('./textconv.ts')).textconv(rest[0] ?? '', world);
    case 'merge-driver':
      return (await import('./merge-driver.ts')).mergeDriver(rest, world);
    case 'pre-commit':
      return (await import('./pre-commit.ts')).preCommit(world);
  }
}
