import { type CommandTable, defineCommand, PATHS } from '../../invocation/command.ts';
import { EDIT_FLAGS, EXEC_FLAGS, UNSEAL_FLAGS } from '../../invocation/flags/open-flags.ts';

/** The commands that show values to a person who may see them. */
export const OPEN_COMMANDS: CommandTable = {
  edit: defineCommand({
    summary:
      'Opens the items of a SealedSecret in $VISUAL or $EDITOR and seals those that were changed. Without keys or access to the cluster, the values stay hidden and can be replaced.',
    group: 'Change',
    arguments: { usage: 'FILE', least: 1, most: 1, offers: 'files' },
    flags: EDIT_FLAGS,
    examples: [
      { what: 'Replace values without seeing the others', line: 'kubeseal edit db.yaml' },
      { what: 'Edit the values that the cluster has', line: 'kubeseal edit db.yaml --from-cluster' },
      {
        what: 'Edit with a backup of the keys, in VS Code',
        line: 'EDITOR="code --wait" kubeseal edit db.yaml --recovery-private-key keys.yaml',
      },
    ],
    check: async (given) => void (await import('./edit.ts')).readEdit(given),
    run: async (given, world) => (await import('./edit.ts')).edit(given, world),
  }),
  exec: defineCommand({
    summary:
      'Runs a program with the values of SealedSecrets as environment variables, or as private files that are removed when it ends. Exit code and signals are those of the program.',
    group: 'Open with keys',
    arguments: { ...PATHS, usage: 'PATH... -- PROGRAM [ARGUMENT]...', program: true },
    flags: EXEC_FLAGS,
    examples: [
      {
        what: 'Run a program with the values that the cluster has',
        line: 'kubeseal exec db.yaml --from-cluster -- npm start',
      },
      {
        what: 'Pass on one value under another name',
        line: 'kubeseal exec db.yaml --item PGPASSWORD=password --from-cluster -- psql',
      },
      {
        what: 'Pass on files, here to curl',
        line: `kubeseal exec tls.yaml --files --from-cluster -- sh -c 'curl --key "$CREDENTIALS_DIRECTORY/tls.key" https://shop.test'`,
      },
    ],
    check: async (given) => void (await import('./exec.ts')).readExec(given),
    run: async (given, world) => (await import('./exec.ts')).exec(given, world),
  }),
  unseal: defineCommand({
    summary:
      'Opens SealedSecrets with private keys or with the Secrets in the cluster, and prints Secrets, a .env file, JSON or one value. Reads files, the YAML and JSON files below directories, and - for stdin.',
    group: 'Open with keys',
    arguments: PATHS,
    flags: UNSEAL_FLAGS,
    examples: [
      {
        what: 'Print the Secret with a backup of the keys',
        line: 'kubeseal unseal db.yaml --recovery-private-key keys.yaml',
      },
      {
        what: 'Copy one value to the clipboard',
        line: 'kubeseal unseal db.yaml --item password --from-cluster | xclip',
      },
      { what: 'Write a .env file', line: 'kubeseal unseal db.yaml --from-cluster -w .env' },
    ],
    check: async (given) => void (await import('./unseal.ts')).readUnseal(given),
    run: async (given, world) => (await import('./unseal.ts')).unseal(given, world),
  }),
};
