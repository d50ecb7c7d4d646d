import { defineFlags } from '@fuin/flags/parsing';
import { CLUSTER_FLAGS, COMMON_FLAGS, OPEN_FLAGS } from './flags.ts';
import { bool, file, fileList, string, texts } from './rows.ts';
import { SETTINGS_FLAGS } from './sealing-flags.ts';

const SETTINGS = { config: SETTINGS_FLAGS.config, 'no-config': SETTINGS_FLAGS['no-config'] } as const;

/** The flags of `kubeseal check`. */
export const LINT_FLAGS = defineFlags({
  ...COMMON_FLAGS,
  output: {
    type: 'enum',
    choices: ['text', 'json', 'sarif', 'gitlab'],
    default: 'text',
    help: 'How to report: text, json, sarif (GitHub code scanning) or gitlab (code quality)',
    short: 'o',
  },
  certs: fileList(
    'Certificates that the items should be sealed with: files, or a pattern in quotes such as "clusters/*/cert.pem". A certificate counts for the files in and below its directory. Without them, those of the settings file count. Repeated or comma-separated',
  ),
  'allowed-signers': file(
    'File of OpenSSH that says who may sign: then every SealedSecret needs a signature of one of them',
  ),
  ...SETTINGS,
  json: bool('Print a JSON document, like -o json'),
  'fail-fast': bool('Stop at the first file with a finding that fails the check, or that cannot be read'),
  baseline: file('File with findings that are known and accepted'),
  'write-baseline': bool('Write all findings into the file of --baseline, and accept them'),
  strict: bool('Fail because of warnings too'),
});

const FROM_CLUSTER = bool(
  'Ask the cluster of the context which key the controller opened each item with. Needs the right to read SealedSecrets',
);
const CERT = file(
  'Certificate that is sealed with now: a file or an https or file URL. Without it, those of the settings file count',
);

/** The flags of `kubeseal inspect`. */
export const INSPECT_FLAGS = defineFlags({
  ...COMMON_FLAGS,
  output: {
    type: 'enum',
    choices: ['table', 'wide', 'json'],
    default: 'table',
    help: 'How to print: table, wide (a table with more columns) or json',
    short: 'o',
  },
  json: bool('Print a JSON document, like -o json'),
  'recovery-private-key': OPEN_FLAGS['recovery-private-key'],
  cert: CERT,
  ...SETTINGS,
  'from-cluster': FROM_CLUSTER,
  'fail-fast': bool('Stop at the first file that cannot be read'),
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal why`. */
export const WHY_FLAGS = defineFlags({
  ...COMMON_FLAGS,
  json: bool('Print a JSON document'),
  'recovery-private-key': OPEN_FLAGS['recovery-private-key'],
  certs: fileList(
    'Certificates of your clusters: they tell which key a sealing note means. Files, or a pattern in quotes such as "clusters/*/cert.pem". Without them, those of the settings file count. Repeated or comma-separated',
  ),
  ...SETTINGS,
  'from-cluster': FROM_CLUSTER,
  'fail-fast': bool('Stop at the first file that cannot be read'),
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal audit verify`. */
export const AUDIT_FLAGS = defineFlags({
  ...COMMON_FLAGS,
  json: bool('Print a JSON document'),
  head: texts(
    'Hash that an anchor of the controller names: its line must be there, or lines were cut off or written anew. May be repeated',
  ),
  after: string(
    'Hash of the last line before the first file, where older files were left out on purpose. Without it, the log must begin with its first line',
  ),
});
