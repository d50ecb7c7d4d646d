import { defineFlags } from '@fuin/flags/parsing';
import { INSPECT_FLAGS } from './check-flags.ts';
import { CLUSTER_FLAGS, OPEN_FLAGS } from './flags.ts';
import { bool, string, texts } from './rows.ts';

const json = bool('Print a JSON document about what was done');
const dryRun = bool('Say what would be done, and do nothing');
const identity = texts('File with an identity of age that decrypts the backup. May be repeated', {
  short: 'i',
  isFile: true,
});
const keyWrapper = string(
  'Key service that wraps the keys, as the controller has it: vault:MOUNT/KEY, aws-kms:ARN or exec:/PATH. Comma-separated: the first wraps, the others only unwrap',
);
const tree = texts('File, or directory of files, with SealedSecrets that count too. May be repeated', {
  isFile: true,
});

/** The flags of `kubeseal keys list`. */
export const LIST_FLAGS = defineFlags({
  output: INSPECT_FLAGS.output,
  tree,
  'recovery-private-key': {
    ...OPEN_FLAGS['recovery-private-key'],
    help: 'List the keys of these files, PEM or backups, instead of those of the cluster. Repeated or comma-separated',
  },
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys backup`. */
export const BACKUP_FLAGS = defineFlags({
  to: texts('Recipient of age (age1...) who can decrypt the backup, or a file of them. May be repeated'),
  plain: bool('Write the private keys in the clear'),
  'key-wrapper': keyWrapper,
  output: {
    type: 'string',
    default: '',
    help: 'Output file; it must not exist. - is stdout',
    short: 'w',
    isFile: true,
  },
  identity: {
    ...identity,
    help: 'File with an identity of age: the backup is decrypted once, to prove that it can be. May be repeated',
  },
  json,
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys verify`. */
export const VERIFY_FLAGS = defineFlags({
  identity,
  cert: {
    type: 'string',
    default: '',
    help: 'Certificate file whose key must be in the backup',
    isFile: true,
  },
  'compare-cluster': bool('Every key of the cluster must be in the backup'),
  json,
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys restore`. */
export const RESTORE_FLAGS = defineFlags({ identity, 'dry-run': dryRun, json, ...CLUSTER_FLAGS });

/** The flags of `kubeseal keys rotate`. */
export const ROTATE_FLAGS = defineFlags({
  timeout: {
    type: 'duration',
    default: 60_000,
    help: 'How long to wait for the new certificate',
  },
  json,
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys retire`. */
export const RETIRE_FLAGS = defineFlags({
  tree,
  force: bool('Retire the key although something needs it, and say what can no longer be opened'),
  undo: bool('Take a retired key back into service'),
  'dry-run': dryRun,
  json,
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys wrap`, `unwrap` and `rewrap`. */
export const WRAP_FLAGS = defineFlags({
  'key-wrapper': keyWrapper,
  'dry-run': dryRun,
  json,
  ...CLUSTER_FLAGS,
});
