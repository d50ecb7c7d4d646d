import { type CommandTable, defineCommand, NO_ARGUMENTS } from '../../invocation/command.ts';
import {
  BACKUP_FLAGS,
  JOIN_FLAGS,
  LIST_FLAGS,
  NEW_FLAGS,
  RESTORE_FLAGS,
  RETIRE_FLAGS,
  ROTATE_FLAGS,
  SPLIT_FLAGS,
  VERIFY_FLAGS,
  WRAP_FLAGS,
} from '../../invocation/flags/keys-flags.ts';

const BACKUP_FILE = { usage: 'FILE', least: 1, most: 1, offers: 'files' } as const;

/** The commands for those who look after sealing keys. */
export const KEY_COMMANDS: CommandTable = {
  'keys backup': defineCommand({
    summary:
      'Writes the sealing keys of the cluster to a new file, encrypted to recipients of age or for RSA certificates. Each key opens a probe before, and what was written is read back. Reading key Secrets needs the rights of an administrator.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: BACKUP_FLAGS,
    examples: [
      {
        what: 'Back up the keys for those whose recipients are in a file',
        line: 'kubeseal keys backup --to recipients.txt -w keys.age',
      },
    ],
    check: async (given) => (await import('./backup.ts')).checkBackup(given),
    run: async (given, world) => (await import('./backup.ts')).backupKeys(given, world),
  }),
  'keys join': defineCommand({
    summary:
      'Joins shares from keys split to the identity of age that decrypts backups, and proves that it is the one that was split. Shares that are wrong, damaged, too few or of different splits are refused.',
    group: 'Keys',
    arguments: { usage: 'SHARE...', least: 1, most: 255, offers: 'files' },
    flags: JOIN_FLAGS,
    examples: [
      {
        what: 'Decrypt a backup with age where two of the people are',
        line: 'kubeseal keys join -w - anna.txt ben.txt | age -d -i - keys.age',
      },
    ],
    check: async (given) => (await import('./shares.ts')).checkJoin(given),
    run: async (given, world) => (await import('./shares.ts')).joinKeys(given, world),
  }),
  'keys list': defineCommand({
    summary:
      'Lists the sealing keys of the cluster, newest first, and how many SealedSecrets need each: in the cluster by their status, and below --tree by trial. With --tree private keys are read.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: LIST_FLAGS,
    examples: [
      { what: 'See how old the keys are', line: 'kubeseal keys list' },
      { what: 'See which keys a repository still needs', line: 'kubeseal keys list --tree clusters/prod' },
    ],
    check: async (given) => (await import('../../invocation/json-output.ts')).refuseTwoOutputs(given),
    run: async (given, world) => (await import('./list.ts')).listKeys(given, world),
  }),
  'keys new': defineCommand({
    summary:
      'Makes a post-quantum key that stays outside of clusters, such as a recovery key, writes it to a new file and prints its recipient, which values of format 2 are sealed for beside the controller. No cluster is asked.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: NEW_FLAGS,
    examples: [
      {
        what: 'Make a recovery key, and keep its recipient for sealing',
        line: 'kubeseal keys new -w recovery.yaml > recovery.txt',
      },
    ],
    check: async (given) => void (await import('./new.ts')).fileOf(given),
    run: async (given, world) => (await import('./new.ts')).newKey(given, world),
  }),
  'keys restore': defineCommand({
    summary:
      'Creates the key Secrets of a backup that are missing in the cluster. It changes none that is there, so it may be run again.',
    group: 'Keys',
    arguments: BACKUP_FILE,
    flags: RESTORE_FLAGS,
    examples: [
      { what: 'Restore the keys in a new cluster', line: 'kubeseal keys restore -i identity.txt keys.age' },
    ],
    run: async (given, world) => (await import('./restore.ts')).restoreKeys(given, world),
  }),
  'keys retire': defineCommand({
    summary:
      'Takes a key out of service: the controller no longer opens anything with it. Its Secret stays. Refuses while a SealedSecret in the cluster, below --tree or, with --history, in any commit needs the key; exit code 3 means that. --undo takes the key back into service.',
    group: 'Keys',
    arguments: { usage: 'FINGERPRINT', least: 1, most: 1 },
    flags: RETIRE_FLAGS,
    examples: [
      {
        what: 'Retire a key that neither the cluster nor the repository needs',
        line: 'kubeseal keys retire --tree clusters/prod SHA256:2xn3Vnwt',
      },
      {
        what: 'See whether any version in Git needs it',
        line: 'kubeseal keys retire --dry-run --history SHA256:2xn3Vnwt',
      },
    ],
    check: async (given) => void (await import('./retire.ts')).fingerprintOf(given),
    run: async (given, world) => (await import('./retire.ts')).retireKey(given, world),
  }),
  'keys rotate': defineCommand({
    summary:
      "Asks Fuin's controller for a new key now, waits until it serves the new certificate or recipient, and prints both fingerprints. Nothing is sealed again. Upstream's controller cannot be asked.",
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: ROTATE_FLAGS,
    examples: [{ what: 'Seal with a new key from now on', line: 'kubeseal keys rotate' }],
    run: async (given, world) => (await import('./rotate.ts')).rotateKey(given, world),
  }),
  'keys rewrap': defineCommand({
    summary:
      "Wraps the keys that are wrapped at rest anew: with the newest version of the key service's key, or with another key service. Each is opened before and after. May be run again.",
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: WRAP_FLAGS,
    examples: [
      {
        what: 'Move the keys to another key of Vault',
        line: 'kubeseal keys rewrap --key-wrapper vault:transit/new,vault:transit/old',
      },
    ],
    check: async (given) => (await import('./wrap.ts')).checkWrapping(given),
    run: async (given, world) => (await import('./wrap.ts')).rewrapKeys(given, world),
  }),
  'keys split': defineCommand({
    summary:
      'Makes an identity of age that decrypts backups, writes it in shares to one file each, and prints its recipient. Any --threshold of the shares give the identity back, and fewer tell nothing about it. The identity itself is written nowhere.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: SPLIT_FLAGS,
    examples: [
      {
        what: 'Let any two of three people decrypt the backups',
        line: 'kubeseal keys split -k 2 -n 3 >recipients.txt',
      },
    ],
    check: async (given) => (await import('./shares.ts')).checkSplit(given),
    run: async (given, world) => (await import('./shares.ts')).splitKeys(given, world),
  }),
  'keys unwrap': defineCommand({
    summary:
      'Stores the keys that are wrapped at rest in the clear again, as controllers without key services and upstream read them. Each plain key Secret is read back and opens a probe before the wrapped one is deleted. May be run again.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: WRAP_FLAGS,
    examples: [
      {
        what: 'Go back to plain key Secrets',
        line: 'kubeseal keys unwrap --key-wrapper vault:transit/sealed-secrets',
      },
    ],
    check: async (given) => (await import('./wrap.ts')).checkWrapping(given),
    run: async (given, world) => (await import('./wrap.ts')).unwrapKeys(given, world),
  }),
  'keys wrap': defineCommand({
    summary:
      'Wraps the sealing keys of the cluster by a key service. Each wrapped key Secret is read back, unwrapped and opens a probe before the plain one is deleted. The controller must run with the same --key-wrapper. May be run again.',
    group: 'Keys',
    arguments: NO_ARGUMENTS,
    flags: WRAP_FLAGS,
    examples: [
      {
        what: 'Wrap the keys with a key of Vault',
        line: 'kubeseal keys wrap --key-wrapper vault:transit/sealed-secrets',
      },
    ],
    check: async (given) => (await import('./wrap.ts')).checkWrapping(given),
    run: async (given, world) => (await import('./wrap.ts')).wrapKeys(given, world),
  }),
  'keys verify': defineCommand({
    summary:
      'Proves that each key of a backup opens what is sealed for its certificate. With --compare-cluster no key of the cluster may be missing; exit code 3 means that one is.',
    group: 'Keys',
    arguments: BACKUP_FILE,
    flags: VERIFY_FLAGS,
    examples: [
      {
        what: 'Check the newest backup against the cluster',
        line: 'kubeseal keys verify -i identity.txt --compare-cluster keys.age',
      },
    ],
    run: async (given, world) => (await import('./verify.ts')).verifyBackup(given, world),
  }),
};
