import { defineFlags, quote } from '@fuin/flags';
import { LOG_LEVELS, parseLogLevel } from '../log.ts';
import {
  parseAddress,
  parseCutoff,
  parseMinFormat,
  parsePairs,
  parseSecretAnnotations,
  parseSecretLabels,
} from './flag-values.ts';
import { parseSignerRules } from './signer-rules.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MAX_PREFIX_LENGTH = 245;

/**
 * Every flag of the controller. Names, types and defaults are upstream's; the help says where the behaviour
 * differs on purpose, and `Fuin only:` marks flags that upstream does not have. Each is also an environment
 * variable: `SEALED_SECRETS_` and the name in capitals.
 */
// biome-ignore format: one row per flag
export const FLAGS = defineFlags({
  'key-prefix': { type: 'string', default: 'sealed-secrets-key', check: checkPrefix, help: 'Prefix used to name keys.' },
  'key-size': { type: 'int', default: 4096, check: checkKeySize, help: 'Size of encryption key, in bits.' },
  'key-ttl': { type: 'duration', default: 87_600 * HOUR_MS, check: notNegative, help: 'Duration that certificate is valid for.' },
  'my-cn': { type: 'string', default: '', help: 'Common name to be used as issuer/subject DN in generated certificate. If empty, the subject names controller, namespace and cluster.' },
  'key-renew-period': { type: 'duration', default: 720 * HOUR_MS, check: notNegative, help: 'New key generation period (automatic rotation disabled if 0)' },
  'rotate-period': { type: 'alias', target: 'key-renew-period', hidden: true, deprecated: 'please use key-renew-period instead', help: '' },
  'key-order-priority': { type: 'string', default: 'CertNotBefore', help: 'Ordering of the keys based on NotBefore certificate attribute or secret creation timestamp (CertNotBefore, SecretCreationTimestamp).' },
  'key-cutoff-time': { type: 'string', default: '', check: (text) => reasonOf(() => parseCutoff(text)), help: 'Create a new key if latest one is older than this cutoff time. RFC1123 format with numeric timezone expected.' },
  'accept-deprecated-v1-data': { type: 'bool', default: true, help: 'Accept deprecated V1 data field.' },
  'all-namespaces': { type: 'bool', default: true, help: 'Scan all namespaces or only the current namespace.' },
  'additional-namespaces': { type: 'string', default: '', help: 'Comma-separated list of additional namespaces to be scanned.' },
  'label-selector': { type: 'string', default: '', help: 'Label selector which can be used to filter sealed secrets.' },
  'rate-limit': { type: 'int', default: 2, check: positive, help: 'Number of allowed sustained request per second for the verify and rotate endpoints, for each client address. Requests through the API server all have its address.' },
  'rate-limit-burst': { type: 'int', default: 2, check: notNegative, help: 'Number of requests allowed to exceed the rate limit per second for the verify and rotate endpoints, for each client address.' },
  'metrics-omit-secret-labels': { type: 'bool', default: false, help: 'Omit secret and namespace labels from metrics.' },
  'privatekey-annotations': { type: 'string', default: '', check: (text) => reasonOf(() => parsePairs(text)), help: 'Comma-separated list of additional annotations to be put on renewed sealing keys.' },
  'privatekey-labels': { type: 'string', default: '', check: (text) => reasonOf(() => parsePairs(text)), help: 'Comma-separated list of additional labels to be put on renewed sealing keys.' },
  'old-gc-behavior': { type: 'bool', default: false, help: 'Revert to old GC behavior where the controller deletes secrets instead of delegating that to k8s itself. Only Secrets that the SealedSecret owns are deleted.' },
  'update-status': { type: 'bool', default: true, help: 'beta: if true, the controller will update the status sub-resource whenever it processes a sealed secret' },
  'watch-for-secrets': { type: 'bool', default: false, help: 'No effect: added, changed and removed sealing keys are always used at once.' },
  'skip-recreate': { type: 'bool', default: false, help: 'If true the controller will skip listening for managed secret changes to recreate them. This helps on limited permission environments.' },
  'log-info-stdout': { type: 'bool', default: true, help: 'If true the controller will log info to stdout.' },
  'log-level': { type: 'string', default: 'INFO', check: checkLevel, help: `Log level (${Object.keys(LOG_LEVELS).join('|')}).` },
  'log-format': { type: 'string', default: 'text', check: checkFormat, help: 'Log format (text|json).' },
  'max-unseal-retries': { type: 'int', default: 5, check: notNegative, help: 'Max unseal retries in quick succession. After them retries continue without end, with pauses that grow to five minutes.' },
  'kubeclient-qps': { type: 'float32', default: 0, check: notNegative, help: "Set the QPS of the Kubernetes client (0: unlimited, the default; upstream's is 5)." },
  'kubeclient-burst': { type: 'int', default: 10, check: positive, help: 'Set the Burst of the Kubernetes client; used only with --kubeclient-qps.' },
  'listen-addr': { type: 'string', default: ':8080', check: (text) => reasonOf(() => parseAddress(text)), help: 'HTTP serving address.' },
  'listen-metrics-addr': { type: 'string', default: ':8081', check: (text) => reasonOf(() => parseAddress(text)), help: 'HTTP metrics serving address.' },
  'read-timeout': { type: 'duration', default: 2 * MINUTE_MS, check: notNegative, help: 'HTTP request timeout. The body must always arrive within 10 seconds after the headers.' },
  'write-timeout': { type: 'duration', default: 2 * MINUTE_MS, check: notNegative, help: 'HTTP response timeout.' },
  version: { type: 'bool', default: false, env: false, help: 'Print version information and exit' },
  kubeconfig: { type: 'string', default: '', help: 'Fuin only: path of a kubeconfig file, for running outside a cluster. Without it KUBECONFIG is used, and without that the in-cluster configuration.' },
  'key-wrapper': { type: 'string', default: '', help: 'Fuin only: key service that wraps sealing keys at rest: vault:MOUNT/KEY (the transit engine of Vault or OpenBao), aws-kms:ARN, gcp-kms:RESOURCE-NAME (Google Cloud KMS), azure-kv:KEY-IDENTIFIER (Azure Key Vault) or exec:/PATH (a program). Comma-separated: the first wraps new keys, the others only unwrap. Without it new keys are stored in the clear.' },
  'v2-keys': { type: 'bool', default: false, help: 'Fuin only: create and renew a post-quantum sealing key, for values of format v2, beside the RSA key. Such keys that exist always open values.' },
  'split-key': { type: 'string', default: '', help: 'Fuin only: key of a key service that holds the ML-KEM half of post-quantum sealing keys, so that neither the cluster nor the service opens values alone (aws-kms:ARN), or these keys whole, so that nothing secret is in the cluster (gcp-kms:VERSION-NAME of Google Cloud KMS). Comma-separated: the first is for the keys that --v2-keys creates, the others only open values. Without it these keys are whole in the cluster.' },
  'min-format': { type: 'string', default: 'v1', check: (text) => reasonOf(() => parseMinFormat(text)), help: 'Fuin only: the oldest format of values that is accepted: v1, v2 in all namespaces, or v2:NAMESPACE,NAMESPACE in these. A SealedSecret with older values is refused, and its Secret stays as it is.' },
  'expiry-policy': { type: 'enum', default: 'warn', choices: ['warn', 'refuse'], help: 'Fuin only: what to do with values of format v2 past the expiry that their sealer set: report them by condition, event and metric (warn), or refuse the SealedSecret, whose Secret stays as it is (refuse).' },
  'require-signer': { type: 'string', default: 'off', check: (text) => reasonOf(() => parseSignerRules(text)), help: 'Fuin only: where SealedSecrets must be signed by somebody of --allowed-signers: off, warn or enforce, in all namespaces or MODE:NAMESPACE,NAMESPACE in these; several with ; between, such as "enforce:shop,bank;warn". Others are reported by condition, event and metric (warn), or refused, and their Secret stays as it is (enforce).' },
  'allowed-signers': { type: 'string', default: '', help: 'Fuin only: path of the file with those who may sign, in the format of OpenSSH. It is read again when it changes. While it cannot be used, nobody may sign.' },
  'drift-policy': { type: 'enum', default: 'repair', choices: ['repair', 'warn', 'off'], help: 'Fuin only: what to do when something else modifies a managed Secret: restore it (repair), report it by event and metric (warn), or ignore it (off).' },
  'audit-log': { type: 'string', default: '', help: 'Fuin only: file to which one JSON line is appended for each value that is opened, Secret that is written or refused, key event and request to open values; - means stdout, and the log then goes to stderr. Lines are hash-chained: kubeseal audit verify checks them. They never hold a value. Without it nothing is written.' },
  'audit-failure': { type: 'enum', default: 'continue', choices: ['continue', 'refuse'], help: 'Fuin only: what to do while the audit log cannot be written: work on, and tell by metric, event and /readyz (continue), or write no Secret (refuse).' },
  'allow-token-secrets': { type: 'bool', default: false, help: 'Fuin only: allow SealedSecrets to create Secrets of the types kubernetes.io/service-account-token and bootstrap.kubernetes.io/token, which grant credentials.' },
  'allow-sealing-keys': { type: 'bool', default: false, help: "Fuin only: allow SealedSecrets to create sealing keys of controllers in other namespaces, that is Secrets with the label sealedsecrets.bitnami.com/sealed-secrets-key or sealedsecrets.bitnami.com/sealing-key. Anyone who may create a SealedSecret there can then read everyone's values." },
  'additional-secret-labels': { type: 'string', default: '', check: (text) => reasonOf(() => parseSecretLabels(text)), help: "Fuin only: comma-separated list of labels to be put on every Secret that a SealedSecret owns, also on existing ones. A label of the same name in the template wins." },
  'additional-secret-annotations': { type: 'string', default: '', check: (text) => reasonOf(() => parseSecretAnnotations(text)), help: 'Fuin only: comma-separated list of annotations to be put on every Secret that a SealedSecret owns, also on existing ones. An annotation of the same name in the template wins.' },
  'resync-period': { type: 'duration', default: HOUR_MS, check: positiveDuration, help: 'Fuin only: how often to list all objects again, in case an event of a watch was lost.' },
  'leader-elect': { type: 'bool', default: true, help: 'Fuin only: let the replicas elect a leader by a Lease. The leader reconciles and renews keys; all replicas serve HTTP. False is for a single replica, like upstream.' },
  'leader-elect-resource-name': { type: 'string', default: 'sealed-secrets-controller', help: "Fuin only: name of the Lease, in the controller's own namespace." },
  'leader-elect-lease-duration': { type: 'duration', default: 15_000, check: positiveDuration, help: 'Fuin only: how long the other replicas wait for the leader to renew its Lease before one of them takes over.' },
  'shutdown-delay-duration': { type: 'duration', default: 0, check: notNegative, help: 'Fuin only: how long to keep serving HTTP after SIGTERM, so that requests already routed to this Pod succeed.' },
  web: { type: 'bool', default: false, help: 'Fuin only: serve the sealing page under /web/. It seals in the browser with the certificate of this controller; no value is sent to the controller.' },
  'api-request-timeout': { type: 'duration', default: 30_000, hidden: true, check: positiveDuration, help: 'Fuin only: how long to wait for a response of the API server.' },
  'api-silence-timeout': { type: 'duration', default: 3 * MINUTE_MS, hidden: true, check: positiveDuration, help: 'Fuin only: how long a watch may receive nothing before it is opened again. API servers send a bookmark about every minute.' },
  concurrency: { type: 'int', default: 32, check: positive, help: 'Fuin only: number of SealedSecrets that are reconciled at the same time.' },
});

function notNegative(text: string): string | undefined {
  return text.startsWith('-') ? 'must not be negative' : undefined;
}

function positiveDuration(text: string): string | undefined {
  return /^[^-]*[1-9]/.test(text) ? undefined : 'must be greater than 0';
}

function positive(text: string): string | undefined {
  return text.startsWith('-') || Number(text) === 0 ? 'must be greater than 0' : undefined;
}

function checkKeySize(text: string): string | undefined {
  const bits = Number(text);
  return Number.isInteger(bits) && (bits < 2048 || bits > 8192) ? 'must be from 2048 to 8192' : undefined;
}

/** Upstream's words. */
function checkPrefix(text: string): string | undefined {
  const illegal = /[^a-z0-9-]/.exec(text)?.[0];
  if (illegal !== undefined) return `name contains illegal character ${illegal}`;
  if (text.length <= MAX_PREFIX_LENGTH) return undefined;
  return `name is too long, must be shorter than ${MAX_PREFIX_LENGTH}, got ${text.length}`;
}

function checkLevel(text: string): string | undefined {
  return parseLogLevel(text) === undefined ? `slog: level string ${quote(text)}: unknown name` : undefined;
}

function checkFormat(text: string): string | undefined {
  return text === 'text' || text === 'json' ? undefined : 'must be one of: text, json';
}

function reasonOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
