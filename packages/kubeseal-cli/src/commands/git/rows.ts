import { type CommandTable, defineCommand } from '../../invocation/command.ts';
import { DIFF_FLAGS, GIT_FLAGS } from '../../invocation/flags/open-flags.ts';

/** The commands for SealedSecrets in Git. */
export const GIT_COMMANDS: CommandTable = {
  diff: defineCommand({
    summary:
      'Compares SealedSecrets of two files or directories item by item. With keys or access to the cluster it says whether the values differ. Exit code 3 means that something differs.',
    group: 'Check',
    arguments: { usage: 'A B', least: 2, most: 2, offers: 'files' },
    flags: DIFF_FLAGS,
    examples: [
      { what: 'Compare two clusters', line: 'kubeseal diff clusters/blue clusters/green' },
      {
        what: 'Compare with the version before',
        line: 'git show HEAD~1:db.yaml | kubeseal diff - db.yaml',
      },
      {
        what: 'See whether the values differ, without showing them',
        line: 'kubeseal diff old.yaml new.yaml --recovery-private-key keys.yaml',
      },
    ],
    check: async (given) => (await import('./diff.ts')).readDiff(given),
    run: async (given, world) => (await import('./diff.ts')).diff(given, world),
  }),
  git: defineCommand({
    summary:
      'Teaches Git to show SealedSecrets without their sealed values, to merge them item by item, and to check files before a commit. Patterns say which files, as .gitattributes does; the default is those with sealed in their names. The actions textconv, merge-driver and pre-commit are what Git then runs.',
    group: 'Change',
    arguments: {
      usage: 'install|uninstall [PATTERN]...',
      least: 1,
      most: Number.POSITIVE_INFINITY,
    },
    flags: GIT_FLAGS,
    examples: [
      { what: 'Set up this repository', line: 'kubeseal git install' },
      {
        what: 'Set it up for the YAML files below a directory',
        line: "kubeseal git install 'clusters/**/*.yaml'",
      },
      { what: 'Undo that', line: 'kubeseal git uninstall' },
    ],
    check: async (given) => void (await import('./git.ts')).readGit(given),
    run: async (given, world) => (await import('./git.ts')).runGit(given, world),
  }),
};
