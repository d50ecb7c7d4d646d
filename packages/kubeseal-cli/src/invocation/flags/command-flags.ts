import { defineFlags } from '@fuin/flags/parsing';
import { CERTIFICATE_FLAGS, OPEN_FLAGS, SEAL_FLAGS, SEALING_FLAGS } from './flags.ts';
import { bool, file, files, string, texts } from './rows.ts';
import { SIGN_FLAGS } from './sealing-flags.ts';

/** The flag of the commands that note which key they seal with. */
const NOTE_FLAGS = defineFlags({
  'no-note': bool('Do not note in an annotation which key sealed the items'),
});

/** The flags of `kubeseal create`. */
export const CREATE_FLAGS = defineFlags({
  'from-env-file': files('File of lines ITEM=VALUE in the format .env. May be repeated; - is stdin'),
  'env-file': {
    type: 'alias',
    target: 'from-env-file',
    deprecated: 'use --from-env-file: Node may read the file of --env-file too, and obey NODE_OPTIONS in it',
    help: '',
  },
  'from-json': files(
    'File with a flat JSON object, or what vault kv get, aws secretsmanager get-secret-value, op item get or bw get item print as JSON. May be repeated; - is stdin',
  ),
  generate: texts(
    'Item to make at random, as ITEM=KIND[:SIZE]. Kinds: password (characters), hex and base64 (bytes), words, uuid; and key pairs: ITEM=ssh makes ITEM and ITEM.pub, ITEM=tls:NAME makes ITEM.crt and ITEM.key. The value is never shown. May be repeated',
  ),
  'print-public': bool('Print the public halves of key pairs of --generate on stdout'),
  template: texts(
    'Item that the controller makes of others by a Go template, as ITEM=@FILE or ITEM=TEXT. May be repeated',
  ),
  type: {
    type: 'string',
    default: 'Opaque',
    help: 'Type of the Secret: Opaque, tls, docker-registry, basic-auth, ssh-auth, or a full name such as example.com/token. The items of a known type are checked',
    suggestions: ['Opaque', 'tls', 'docker-registry', 'basic-auth', 'ssh-auth'],
  },
  label: { ...texts('Label of the Secret, as KEY=VALUE. May be repeated'), short: 'l' },
  annotation: texts('Annotation of the Secret, as KEY=VALUE. May be repeated'),
  scope: {
    ...SEAL_FLAGS.scope,
    help: 'Where the SealedSecret may be opened',
  },
  format: SEAL_FLAGS.format,
  'sealed-secret-file': {
    ...SEAL_FLAGS['sealed-secret-file'],
    help: 'Output file, instead of stdout; it must not exist. .yaml and .yml mean --format yaml. With --all or --for, {cluster}, {namespace} and {name} are replaced',
  },
  ...SIGN_FLAGS,
  all: bool('Seal one SealedSecret for each cluster of the settings file, each into its own file'),
  'dry-run': bool(
    'Print the SealedSecret that would be written as a diff, without sealed values, and write nothing. No certificate is needed, and nobody is asked',
  ),
  json: bool('Print a JSON document about what was created; needs -w or --dry-run'),
  ...NOTE_FLAGS,
  ...SEALING_FLAGS,
  for: {
    ...CERTIFICATE_FLAGS.for,
    help: 'Cluster of the settings file to seal for, where the name of the file does not say it; or several, separated by commas, each into its own file',
  },
});

/** The flags of `kubeseal krm-function`. */
export const KRM_FUNCTION_FLAGS = defineFlags({
  scope: SEAL_FLAGS.scope,
  ...SEALING_FLAGS,
  namespace: {
    ...SEAL_FLAGS.namespace,
    help: 'Namespace of the Secrets that name none; the context of the kubeconfig never counts',
  },
});

/** The flags of `kubeseal post-render`. */
export const POST_RENDER_FLAGS = defineFlags({
  refuse: bool('Seal nothing: fail with exit code 3 where a Secret is in the clear'),
  ...KRM_FUNCTION_FLAGS,
  namespace: {
    ...SEAL_FLAGS.namespace,
    help: 'Namespace of the Secrets that name none, instead of HELM_NAMESPACE; the context of the kubeconfig never counts',
  },
});

/** What every command that changes files has, but for the key that signs. */
const REPORTING_FLAGS = defineFlags({
  'dry-run': bool('Print what would change as a diff, and write nothing'),
  json: bool('Print a JSON document about what was changed'),
  'fail-fast': bool('Stop at the first file that cannot be changed'),
});

/** The flags of every command that changes files. */
export const CHANGE_TREE_FLAGS = defineFlags({ ...REPORTING_FLAGS, ...SIGN_FLAGS });

/** The flags of `kubeseal sign`. */
export const SIGN_COMMAND_FLAGS = defineFlags({
  key: file('Key of SSH: the file of a private key, or of the public key of one that the agent holds'),
  ...REPORTING_FLAGS,
});

/** The flags of the commands that change items of files. */
export const CHANGE_ITEM_FLAGS = defineFlags({
  ...CHANGE_TREE_FLAGS,
  name: {
    ...SEAL_FLAGS.name,
    help: 'Name of the SealedSecret, where a file holds several. Needed for directories',
  },
  namespace: {
    ...SEAL_FLAGS.namespace,
    help: 'Namespace of the SealedSecret, where a file holds several or names none',
  },
});

/** The flags of `kubeseal set`. */
export const SET_FLAGS = defineFlags({
  'from-file': { type: 'string', default: '', help: 'File with the value; - is stdin', isFile: true },
  generate: {
    type: 'string',
    default: '',
    help: 'Make the value at random, as KIND[:SIZE]. Kinds: password (characters), hex and base64 (bytes), words, uuid. All files get the same value, which is never shown',
  },
  ...NOTE_FLAGS,
  ...SEALING_FLAGS,
  ...CHANGE_ITEM_FLAGS,
});

/** The flags of the commands that open values. */
export const OPENING_FLAGS = defineFlags({
  'recovery-private-key': OPEN_FLAGS['recovery-private-key'],
  'from-cluster': bool(
    'Take the values from the Secrets in the cluster of the context, as far as they belong to the same sealed values',
  ),
});

/** The flags of `kubeseal copy`. */
export const COPY_FLAGS = defineFlags({
  ...OPENING_FLAGS,
  ...SEALING_FLAGS,
  cert: {
    ...CERTIFICATE_FLAGS.cert,
    help: 'Certificate of the other cluster: a file or an https, http or file URL',
  },
  for: {
    ...CERTIFICATE_FLAGS.for,
    help: 'Cluster of the settings file that DST is for, where no rule says it',
  },
  context: { ...CERTIFICATE_FLAGS.context, help: 'Context of the kubeconfig that --from-cluster reads from' },
  'to-namespace': string('Namespace of the copies, instead of that of each SealedSecret'),
  force: bool('Replace files that exist'),
  'with-others': bool('Copy the other YAML and JSON files too, except those with a Secret in the clear'),
  ...CHANGE_TREE_FLAGS,
});
