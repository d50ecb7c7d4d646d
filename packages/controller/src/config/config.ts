// Over 200 lines: one reading of all flags, group by group.
import { SealedSecretsError } from '@fuin/crypto-core';
import { type FlagValues, parseFlags } from '@fuin/flags';
import { type LoggerOptions, parseLogLevel } from '../log.ts';
import {
  type Address,
  type MinFormat,
  parseAddress,
  parseCutoff,
  parseMinFormat,
  parseNames,
  parsePairs,
  parseSecretAnnotations,
  parseSecretLabels,
} from './flag-values.ts';
import { FLAGS } from './flags.ts';
import { parseSignerRules, type SignerRules } from './signer-rules.ts';

/** The whole configuration. Frozen; durations in milliseconds. */
export interface Config {
  readonly isVersionAsked: boolean;
  readonly kubeconfig: string | undefined;
  readonly clientRate: { readonly perSecond: number; readonly burst: number } | undefined;
  readonly requestTimeoutMs: number;
  readonly log: Pick<LoggerOptions, 'minimumLevel' | 'format' | 'isInfoOnStdout'>;
  readonly http: HttpConfig;
  readonly keys: KeyConfig;
  readonly reconcile: ReconcileConfig;
  /** Undefined if no namespace needs a signature. */
  readonly signers: SignerConfig | undefined;
  readonly watch: WatchConfig;
  readonly leader: LeaderConfig;
  /** Undefined without an audit log. */
  readonly audit: AuditConfig | undefined;
}

/** Where the audit log is written, and what happens while it cannot be. */
export interface AuditConfig {
  /** A file, or `-` for stdout. */
  readonly target: string;
  readonly onFailure: 'continue' | 'refuse';
}

/** How the two HTTP servers behave. */
export interface HttpConfig {
  readonly address: Address;
  readonly metricsAddress: Address;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Starts with the signal to stop. */
  readonly shutdownDelayMs: number;
  readonly rateLimit: { readonly perSecond: number; readonly burst: number };
  /** Whether the sealing page is served. */
  readonly servesPage: boolean;
}

/** How sealing keys are created, ordered and renewed. */
export interface KeyConfig {
  readonly prefix: string;
  readonly sizeBits: number;
  readonly ttlMs: number;
  readonly commonName: string;
  /** 0: no scheduled renewal. */
  readonly renewPeriodMs: number;
  readonly order: 'CertNotBefore' | 'SecretCreationTimestamp';
  readonly cutoff: Date | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Keys of format v2 are created and renewed too. Those that exist always open values. */
  readonly makesV2: boolean;
  /** Names of key services; the first wraps new keys. None: keys are stored in the clear. */
  readonly wrappers: readonly string[];
  /** Names of keys of key services; the first splits new keys of format v2. None: they are whole. */
  readonly splitKeys: readonly string[];
}

/**
 * Labels and annotations that the controller adds to every Secret it owns. Those of the template take
 * precedence.
 */
export interface Additions {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How SealedSecrets become Secrets. */
export interface ReconcileConfig {
  readonly acceptV1Data: boolean;
  readonly updatesStatus: boolean;
  readonly deletesOrphans: boolean;
  readonly allowsTokenSecrets: boolean;
  readonly allowsSealingKeys: boolean;
  readonly driftPolicy: 'repair' | 'warn' | 'off';
  /** The oldest format of values that is accepted, and where; undefined for every format. */
  readonly minFormat: MinFormat | undefined;
  readonly expiryPolicy: 'warn' | 'refuse';
  readonly maxFastRetries: number;
  readonly concurrency: number;
  readonly omitsSecretLabels: boolean;
  /** Added to every Secret; undefined for nothing. */
  readonly additions: Additions | undefined;
}

/** Where SealedSecrets need a signature, and by whom. */
export interface SignerConfig {
  readonly rules: SignerRules;
  /** Path of the allowed-signers file. */
  readonly file: string;
}

/** What is watched. */
export interface WatchConfig {
  /** Namespaces in addition to the controller's own; undefined for all. */
  readonly additionalNamespaces: readonly string[] | undefined;
  readonly labelSelector: string | undefined;
  readonly watchesSecrets: boolean;
  readonly relistPeriodMs: number;
  /** A watch that is silent for this long is opened again. */
  readonly idleLimitMs: number;
}

/** How replicas agree on the one that reconciles. */
export interface LeaderConfig {
  readonly isElected: boolean;
  readonly leaseName: string;
  readonly leaseDurationMs: number;
}

/** A configuration, and the warnings about it. */
export interface ReadConfig {
  readonly config: Config;
  readonly helpRequested: boolean;
  readonly warnings: readonly string[];
}

/**
 * Reads the command line and the environment (`SEALED_SECRETS_*`).
 *
 * @param argv without program and script
 * @throws ERR_USAGE
 */
export function readConfig(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ReadConfig {
  const { values, warnings, helpRequested } = parseFlags(FLAGS, argv, env, { envPrefix: 'SEALED_SECRETS' });
  const order = values['key-order-priority'];
  const isKnownOrder = order === 'CertNotBefore' || order === 'SecretCreationTimestamp';
  const orderWarning = isKnownOrder
    ? []
    : [`warning: unknown key-order-priority ${JSON.stringify(order)}: CertNotBefore is used`];
  const config = toConfig(values);
  const isIdle = values['allowed-signers'] !== '' && !config.signers;
  const signersWarning = isIdle ? ['warning: --allowed-signers has no effect without --require-signer'] : [];
  return {
    config,
    helpRequested,
    warnings: [...warnings, ...orderWarning, ...signersWarning],
  };
}

type Values = FlagValues<typeof FLAGS>;

function toConfig(values: Values): Config {
  return Object.freeze({
    isVersionAsked: values.version,
    kubeconfig: values.kubeconfig || undefined,
    clientRate: clientRateOf(values),
    requestTimeoutMs: values['api-request-timeout'],
    log: logConfig(values),
    http: httpConfig(values),
    keys: keyConfig(values),
    reconcile: reconcileConfig(values),
    signers: signerConfig(values),
    watch: watchConfig(values),
    leader: leaderConfig(values),
    audit: auditConfig(values),
  });
}

function auditConfig(values: Values): Config['audit'] {
  const target = values['audit-log'];
  return target === '' ? undefined : { target, onFailure: values['audit-failure'] };
}

function clientRateOf(values: Values): Config['clientRate'] {
  const perSecond = values['kubeclient-qps'];
  return perSecond > 0 ? { perSecond, burst: values['kubeclient-burst'] } : undefined;
}

function logConfig(values: Values): Config['log'] {
  return {
    minimumLevel: parseLogLevel(values['log-level']) ?? 0,
    format: values['log-format'] === 'json' ? 'json' : 'text',
    // lines of the log between those of the audit log would look like damage
    isInfoOnStdout: values['log-info-stdout'] && values['audit-log'] !== '-',
  };
}

function httpConfig(values: Values): HttpConfig {
  return {
    address: parseAddress(values['listen-addr']),
    metricsAddress: parseAddress(values['listen-metrics-addr']),
    readTimeoutMs: values['read-timeout'],
    writeTimeoutMs: values['write-timeout'],
    shutdownDelayMs: values['shutdown-delay-duration'],
    rateLimit: { perSecond: values['rate-limit'], burst: values['rate-limit-burst'] },
    servesPage: values.web,
  };
}

function keyConfig(values: Values): KeyConfig {
  return {
    prefix: values['key-prefix'],
    sizeBits: values['key-size'],
    ttlMs: values['key-ttl'],
    commonName: values['my-cn'],
    renewPeriodMs: values['key-renew-period'],
    order:
      values['key-order-priority'] === 'SecretCreationTimestamp'
        ? 'SecretCreationTimestamp'
        : 'CertNotBefore',
    cutoff: parseCutoff(values['key-cutoff-time']),
    labels: parsePairs(values['privatekey-labels']),
    annotations: parsePairs(values['privatekey-annotations']),
    makesV2: values['v2-keys'],
    wrappers: parseNames(values['key-wrapper']),
    splitKeys: parseNames(values['split-key']),
  };
}

function reconcileConfig(values: Values): ReconcileConfig {
  return {
    acceptV1Data: values['accept-deprecated-v1-data'],
    updatesStatus: values['update-status'],
    deletesOrphans: values['old-gc-behavior'],
    allowsTokenSecrets: values['allow-token-secrets'],
    allowsSealingKeys: values['allow-sealing-keys'],
    driftPolicy: values['drift-policy'],
    minFormat: parseMinFormat(values['min-format']),
    expiryPolicy: values['expiry-policy'],
    maxFastRetries: values['max-unseal-retries'],
    concurrency: values.concurrency,
    omitsSecretLabels: values['metrics-omit-secret-labels'],
    additions: additionsOf(values),
  };
}

/** A mistake must not switch the check off, so nothing is assumed. */
function signerConfig(values: Values): SignerConfig | undefined {
  const rules = parseSignerRules(values['require-signer']);
  const file = values['allowed-signers'];
  if (rules && file === '')
    throw new SealedSecretsError('ERR_USAGE', '--require-signer needs --allowed-signers');
  return rules && { rules, file };
}

function additionsOf(values: Values): Additions | undefined {
  const labels = parseSecretLabels(values['additional-secret-labels']);
  const annotations = parseSecretAnnotations(values['additional-secret-annotations']);
  const count = Object.keys(labels).length + Object.keys(annotations).length;
  return count > 0 ? { labels, annotations } : undefined;
}

/** Like upstream: with any additional namespace, not all namespaces are watched. */
function watchConfig(values: Values): WatchConfig {
  const additional = parseNames(values['additional-namespaces']);
  const watchesAll = values['all-namespaces'] && additional.length === 0;
  return {
    additionalNamespaces: watchesAll ? undefined : additional,
    labelSelector: values['label-selector'] || undefined,
    watchesSecrets: !values['skip-recreate'],
    relistPeriodMs: values['resync-period'],
    idleLimitMs: values['api-silence-timeout'],
  };
}

function leaderConfig(values: Values): LeaderConfig {
  return {
    isElected: values['leader-elect'],
    leaseName: values['leader-elect-resource-name'],
    leaseDurationMs: values['leader-elect-lease-duration'],
  };
}
