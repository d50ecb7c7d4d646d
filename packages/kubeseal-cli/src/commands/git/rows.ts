import { type CommandTable, defineCommand, NO_ARGUMENTS } from '../../invocation/command.ts';
import { DIFF_FLAGS, GIT_INSTALL_FLAGS, GIT_UNINSTALL_FLAGS } from '../../invocation/flags/open-flags.ts';

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
  'git install': defineCommand({
    summary:
      'Teaches Git to show SealedSecrets without their sealed values, to merge them item by item, and to check files before a commit. Patterns say which files, like in .gitattributes; the default is those with sealed in their names.',
    group: 'Change',
    arguments: { usage: '[PATTERN]...', least: 0, most: Number.POSITIVE_INFINITY },
    flags: GIT_INSTALL_FLAGS,
    examples: [
      { what: 'Set up this repository', line: 'kubeseal git install' },
      {
        what: 'Set it up for the YAML files below a directory',
        line: "kubeseal git install 'clusters/**/*.yaml'",
      },
    ],
    check: async ({ arguments: patterns }) => (await import('./install.ts')).refuseBadPatterns(patterns),
    run: async (given, world) => (await import('./install.ts')).install(given, world),
  }),
  'git merge-driver': defineCommand({
    summary: 'Merges SealedSecrets item by item. Git runs it, once git install has set it up.',
    group: 'Change',
    arguments: { usage: 'BASE OURS THEIRS [PATH] [MARKER-SIZE]', least: 3, most: 5, offers: 'files' },
    flags: {},
    examples: [],
    run: async ({ arguments: files }, world) => (await import('./merge-driver.ts')).mergeDriver(files, world),
  }),
  'git pre-commit': defineCommand({
    summary:
      'Checks the files that the next commit changes. Git runs it before a commit, once git install has set it up.',
    group: 'Change',
    arguments: NO_ARGUMENTS,
    flags: {},
    examples: [{ what: 'Check what is staged', line: 'kubeseal git pre-commit' }],
    run: async (_given, world) => (await import('./pre-commit.ts')).preCommit(world),
  }),
  'git textconv': defineCommand({
    summary:
      'Prints a file with a short hash in the place of each sealed value. Git runs it, once git install has set it up.',
    group: 'Change',
    arguments: { usage: 'FILE', least: 1, most: 1, offers: 'files' },
    flags: {},
    examples: [],
    run: async ({ arguments: [file = ''] }, world) => (await import('./textconv.ts')).textconv(file, world),
  }),
  'git uninstall': defineCommand({
    summary: 'Removes what git install wrote, and nothing else.',
    group: 'Change',
    arguments: NO_ARGUMENTS,
    flags: GIT_UNINSTALL_FLAGS,
    examples: [{ what: 'Undo git install', line: 'kubeseal git uninstall' }],
    run: async (given, world) => (await import('./install.ts')).uninstall(given, world),
  }),
};
