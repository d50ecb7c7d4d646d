import { defineFlags, type FlagValues, type ParsedFlags, parseFlags } from '@fuin/flags/parsing';
import { KLOG_FLAGS } from './klog-flags.ts';
import { KUBECTL_FLAGS } from './kubectl-flags.ts';
import { bool, fileList, string } from './rows.ts';
import { SETTINGS_FLAGS, SIGN_FLAGS, VALUE_FLAGS } from './sealing-flags.ts';

/** The flags that every command has too. */
export const COMMON_FLAGS = defineFlags({
  quiet: bool('Print no notes and warnings on stderr'),
});

/** What is sealed, with which certificate, and where the result goes. */
export const SEAL_FLAGS = defineFlags({
  cert: string(
    'Certificate to seal with: a file or an https, http or file URL. The cluster is not contacted',
    { isFile: true },
  ),
  format: string('Output format: json or yaml', {
    short: 'o',
    default: 'json',
    suggestions: ['json', 'yaml'],
  }),
  'secret-file': string('Input file, instead of stdin', { short: 'f', isFile: true }),
  'sealed-secret-file': string(
    'Output file, instead of stdout; written only on success. .yaml and .yml mean --format yaml',
    {
      short: 'w',
      isFile: true,
    },
  ),
  namespace: string('Namespace of the Secret, if the input names none', { short: 'n' }),
  'fetch-cert': bool(
    'Write the certificate to stdout, for later use with --cert; with --format-version 2 the recipient, for --recipient',
  ),
  'allow-empty-data': bool('Accept a Secret without data'),
  raw: bool(
    'Seal one value from stdin or --from-file and print it in base64; needs --name (strict scope) and --namespace (strict and namespace-wide scope)',
  ),
  name: string('Name of the SealedSecret; needed with --raw in strict scope'),
  'from-file': fileList('(only with --raw) File that holds the value; a name and = before it are ignored'),
  scope: {
    type: 'enum',
    choices: ['strict', 'namespace-wide', 'cluster-wide'],
    default: 'strict',
    help: 'Where the SealedSecret may be opened. With strict, annotations of the input Secret may widen the scope',
  },
  'cert-fingerprint': string(
    'Refuse every certificate except the one whose public key has this fingerprint (SHA256:...)',
  ),
  offline: bool('Use the cached certificate if the cluster cannot be reached'),
  'cert-cache-ttl': {
    type: 'duration',
    default: 24 * 3_600_000,
    help: 'How long --offline may use a fetched certificate; 0 keeps none',
  },
  'allow-http-cert': bool(
    'Accept a --cert URL of scheme http without --cert-fingerprint: anyone on the network path can replace it',
  ),
  ...SIGN_FLAGS,
  ...VALUE_FLAGS,
});

/** What changes files that hold SealedSecrets. */
export const CHANGE_FLAGS = defineFlags({
  'merge-into': string('Seal the items of the Secret into this SealedSecret file, in place', {
    isFile: true,
  }),
  're-encrypt': bool(
    'Seal the given SealedSecrets again with the newest key; files given by name are changed in place',
  ),
  rotate: {
    type: 'alias',
    target: 're-encrypt',
    hidden: true,
    deprecated: 'please use --re-encrypt instead',
    help: '',
  },
});

/** What asks whether SealedSecrets are good. */
export const CHECK_FLAGS = defineFlags({
  validate: bool('Ask the controller whether it can open the given SealedSecrets'),
});

/** What opens SealedSecrets with private keys. */
export const OPEN_FLAGS = defineFlags({
  'recovery-unseal': bool(
    'Open a SealedSecret offline with the keys of --recovery-private-key and print the Secret',
  ),
  'recovery-private-key': fileList(
    'File with private keys: PEM, or a backup of key Secrets in YAML or JSON. Repeated or comma-separated',
  ),
});

/** Which cluster is asked, as whom, and which controller in it. */
export const CLUSTER_FLAGS = defineFlags({
  'controller-name': string('Name of the Service of the sealed-secrets controller.', {
    default: 'sealed-secrets-controller',
  }),
  'controller-namespace': string('Namespace of the sealed-secrets controller.', { default: 'kube-system' }),
  kubeconfig: string('Kubeconfig file, instead of KUBECONFIG and ~/.kube/config', { isFile: true }),
  ...KUBECTL_FLAGS,
});

/** Which certificate is used, and which cluster it comes from. */
export const TRUST_FLAGS = defineFlags({
  cert: SEAL_FLAGS.cert,
  'cert-fingerprint': SEAL_FLAGS['cert-fingerprint'],
  offline: SEAL_FLAGS.offline,
  'cert-cache-ttl': SEAL_FLAGS['cert-cache-ttl'],
  'allow-http-cert': SEAL_FLAGS['allow-http-cert'],
  namespace: SEAL_FLAGS.namespace,
  ...CLUSTER_FLAGS,
});

/** What a command seals with, by flags or by the settings file. */
export const CERTIFICATE_FLAGS = defineFlags({ ...TRUST_FLAGS, ...SETTINGS_FLAGS });

/** The same with the format of what is sealed. */
export const SEALING_FLAGS = defineFlags({ ...CERTIFICATE_FLAGS, ...VALUE_FLAGS });

/** What is printed beside results. */
export const GENERAL_FLAGS = defineFlags({
  help: bool('Print this help message'),
  version: bool('Print version information and exit'),
  warnings: {
    type: 'enum',
    choices: ['auto', 'always'],
    default: 'auto',
    help: 'When to print notes and warnings on stderr. auto: only if stderr is a terminal',
  },
  ...COMMON_FLAGS,
});

/**
 * Every flag of upstream's command line. Parsing, environment variables, help, completion and the manual use
 * this table.
 */
export const FLAGS = defineFlags({
  ...SEAL_FLAGS,
  ...CHANGE_FLAGS,
  ...CHECK_FLAGS,
  ...OPEN_FLAGS,
  ...CLUSTER_FLAGS,
  ...GENERAL_FLAGS,
  ...KLOG_FLAGS,
});

/** The values of all flags. */
export type Flags = FlagValues<typeof FLAGS>;

/** Reads the command line and SEALED_SECRETS_* variables. @throws ERR_USAGE in pflag's words */
export function readFlags(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags<typeof FLAGS> {
  return parseFlags(FLAGS, argv, env, { envPrefix: ENV_PREFIX });
}

/** `SEALED_SECRETS_FORMAT` stands for `--format`. */
export const ENV_PREFIX = 'SEALED_SECRETS';
