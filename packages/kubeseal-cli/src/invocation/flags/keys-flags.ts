import { defineFlags } from '@fuin/flags/parsing';
import { INSPECT_FLAGS } from './check-flags.ts';
import { CLUSTER_FLAGS, OPEN_FLAGS } from './flags.ts';
import { bool, string, texts } from './rows.ts';
import { VALUE_FLAGS } from './sealing-flags.ts';

const json = bool('Print a JSON document about what was done');
const dryRun = bool('Say what would be done, and do nothing');
const identity = texts(
  'File with what decrypts the backup: an identity of age, a share of one, or an RSA key. May be repeated',
  {
    short: 'i',
    isFile: true,
  },
);
const keyWrapper = string(
  'Key service that wraps the keys, as the controller has it: vault:MOUNT/KEY, aws-kms:ARN, gcp-kms:RESOURCE-NAME, azure-kv:KEY-IDENTIFIER or exec:/PATH. Comma-separated: the first wraps, the others only unwrap',
);
const tree = texts('File, or directory of files, with SealedSecrets that count too. May be repeated', {
  isFile: true,
});

/** The flags of commands that read key Secrets. */
export const KEY_CLUSTER_FLAGS = defineFlags({
  'key-prefix': {
    type: 'string',
    default: 'sealed-secrets-key',
    help: "The controller's --key-prefix. An old key Secret without label has this name",
  },
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys list`. */
export const LIST_FLAGS = defineFlags({
  output: INSPECT_FLAGS.output,
  json: INSPECT_FLAGS.json,
  tree,
  'recovery-private-key': {
    ...OPEN_FLAGS['recovery-private-key'],
    help: 'List the keys of these files, PEM or backups, instead of those of the cluster. Repeated or comma-separated',
  },
  ...KEY_CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys backup`. */
export const BACKUP_FLAGS = defineFlags({
  to: texts(
    'Who can decrypt the backup: a recipient of age (age1...), a file of them, or a file with an RSA certificate. May be repeated',
  ),
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
    help: 'File with what decrypts the backup, which is done once, to prove that it can be. May be repeated',
  },
  note: {
    type: 'bool',
    default: true,
    help: 'Note the time on each key Secret, for the metric of the controller. Not so by default with --plain and for stdout',
  },
  'dry-run': bool('Read, try and encrypt the keys, say what would be written, and write and note nothing'),
  json,
  ...KEY_CLUSTER_FLAGS,
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
  ...KEY_CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys restore`. */
export const RESTORE_FLAGS = defineFlags({ identity, 'dry-run': dryRun, json, ...KEY_CLUSTER_FLAGS });

/** The flags of `kubeseal keys new`. */
export const NEW_FLAGS = defineFlags({
  output: {
    type: 'string',
    default: '',
    help: 'Output file for the private key, with mode 0600; it must not exist',
    short: 'w',
    isFile: true,
  },
  json: bool('Print a JSON document with the recipient'),
});

/** The flags of `kubeseal keys split`. */
export const SPLIT_FLAGS = defineFlags({
  threshold: {
    type: 'int',
    default: 2,
    help: 'How many shares give the identity back: at least 2',
    short: 'k',
  },
  shares: { type: 'int', default: 3, help: 'How many shares there are', short: 'n' },
  output: string('Beginning of the names of the files, which must not exist', {
    short: 'w',
    default: 'share',
  }),
  identity: {
    type: 'string',
    default: '',
    help: 'File with the identity of age to split, instead of a new one',
    short: 'i',
    isFile: true,
  },
  'post-quantum': bool('Make a post-quantum identity. It takes age 1.3 or newer'),
  json: bool('Print a JSON document with the recipient and the files'),
});

/** The flags of `kubeseal keys join`. */
export const JOIN_FLAGS = defineFlags({
  output: string('Output file for the identity; it must not exist. - is stdout', {
    short: 'w',
    isFile: true,
  }),
  json: bool('Print a JSON document with the recipient and the file'),
});

/** The flags of `kubeseal keys rotate`. */
export const ROTATE_FLAGS = defineFlags({
  timeout: {
    type: 'duration',
    default: 60_000,
    help: 'How long to wait for the new key',
  },
  'format-version': {
    ...VALUE_FLAGS['format-version'],
    help: 'Format of the key to replace: 2 is post-quantum',
    env: false,
  },
  json,
  ...KEY_CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys retire`. */
export const RETIRE_FLAGS = defineFlags({
  tree,
  history: bool(
    'The whole history of the Git repositories of --tree counts too; without --tree, that of the current directory',
  ),
  force: bool('Retire the key although something needs it, and say what can no longer be opened'),
  undo: bool('Take a retired key back into service'),
  'dry-run': dryRun,
  json,
  ...KEY_CLUSTER_FLAGS,
});

/** The flags of `kubeseal keys wrap`, `unwrap` and `rewrap`. */
export const WRAP_FLAGS = defineFlags({
  'key-wrapper': keyWrapper,
  'dry-run': dryRun,
  json,
  ...KEY_CLUSTER_FLAGS,
});
