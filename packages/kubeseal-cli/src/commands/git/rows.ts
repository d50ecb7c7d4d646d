import { type CommandTable, defineCommand } from '../../invocation/command.ts';
import { DIFF_FLAGS } from '../../invocation/flags/open-flags.ts';

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
};
