// Over 200 lines: one list of metrics.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

const PREFIX = 'sealed_secrets_controller_';
/** Upstream's buckets, in seconds. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Where an unseal failed, in upstream's words. */
export type UnsealErrorReason = 'fetch' | 'status' | 'unseal' | 'update' | 'unmanaged';

/** Those that are there from the start; objects come from a watch, so `fetch` never counts. */
export const SHOWN_REASONS: readonly UnsealErrorReason[] = ['status', 'unseal', 'update', 'unmanaged'];

/** What one labelled value of a gauge is. */
type Series = Awaited<ReturnType<Gauge['get']>>['values'][number];

/** Every metric of the controller, on a registry of its own. */
export type Metrics = ReturnType<typeof createMetrics>;

/**
 * Creates the metrics: upstream's names, labels and buckets, so that its dashboard and alerts keep working,
 * and Fuin's own.
 */
export function createMetrics(revision: string) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = {
    registry,
    ...upstreamMetrics(registry),
    ...workMetrics(registry),
    ...keyMetrics(registry),
    ...signerMetrics(registry),
  };
  for (const absent of [metrics.v2KeyCreated, metrics.v2KeyExpiry, metrics.allowedSigners]) absent.remove();
  metrics.buildInfo.set({ revision }, 0); // upstream leaves its value at 0
  for (const resource of ['sealedsecrets', 'secrets']) metrics.watchesFailing.set({ resource }, 0);
  for (const reason of SHOWN_REASONS) {
    metrics.unsealErrors.inc({ reason, namespace: '' }, 0);
  }
  return metrics;
}

/** How one watch over a resource is counted: which objects cannot be read, and whether it fails. */
export function measureWatch(
  metrics: Pick<Metrics, 'unreadableObjects' | 'objectsUnreadable' | 'watchesFailing'>,
  resource: string,
) {
  let unreadable = 0;
  return {
    onUnreadable: (count: number) => {
      metrics.objectsUnreadable.inc(count - unreadable);
      if (count > unreadable) metrics.unreadableObjects.inc(count - unreadable);
      unreadable = count;
    },
    onFailing: (isFailing: boolean) => metrics.watchesFailing.inc({ resource }, isFailing ? 1 : -1),
  };
}

function upstreamMetrics(registry: Registry) {
  const registers = [registry];
  return {
    buildInfo: new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Build information.',
      labelNames: ['revision'],
      registers,
    }),
    unsealRequests: new Counter({
      name: `${PREFIX}unseal_requests_total`,
      help: 'Total number of sealed secret unseal requests',
      registers,
    }),
    unsealErrors: new Counter({
      name: `${PREFIX}unseal_errors_total`,
      help: 'Total number of sealed secret unseal errors by reason',
      labelNames: ['reason', 'namespace'],
      registers,
    }),
    conditionInfo: new CountedGauge({
      name: `${PREFIX}condition_info`,
      help: 'Current SealedSecret condition status. Values are -1 (false), 0 (unknown or absent), 1 (true)',
      labelNames: ['namespace', 'name', 'condition', 'ss_app_kubernetes_io_instance'],
      registers,
    }),
    httpRequests: new Counter({
      name: `${PREFIX}http_requests_total`,
      help: 'A counter for requests to the wrapped handler.',
      labelNames: ['path', 'code', 'method'],
      registers,
    }),
    httpDuration: new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: 'A histogram of latencies for requests.',
      labelNames: ['path', 'method'],
      buckets: DURATION_BUCKETS,
      registers,
    }),
  };
}

/** A gauge that keeps no series: they are counted each time it is read. */
class CountedGauge extends Gauge {
  #count: () => Series[] = () => [];

  countBy(count: () => Series[]): void {
    this.#count = count;
  }

  override async get() {
    return { ...(await super.get()), values: this.#count() };
  }
}

/** Makers of metrics without labels. */
function plainMetrics(registry: Registry) {
  const registers = [registry];
  return {
    gauge: (name: string, help: string) => new Gauge({ name: `${PREFIX}${name}`, help, registers }),
    counter: (name: string, help: string) => new Counter({ name: `${PREFIX}${name}`, help, registers }),
  };
}

function workMetrics(registry: Registry) {
  const registers = [registry];
  const { gauge, counter } = plainMetrics(registry);
  return {
    isLeader: gauge('leader', '1 if this replica is the leader, which reconciles and renews keys, else 0'),
    queueDepth: gauge('queue_depth', 'SealedSecrets waiting to be reconciled'),
    unreadableObjects: counter(
      'unreadable_objects_total',
      'Objects from the API server that could not be read',
    ),
    objectsUnreadable: gauge(
      'objects_unreadable',
      'Objects from the API server that cannot be read at present',
    ),
    watchesFailing: new Gauge({
      name: `${PREFIX}watches_failing`,
      help: 'Watches of SealedSecrets, Secrets or key Secrets whose last request failed',
      labelNames: ['resource'],
      registers,
    }),
    queueRetries: counter(
      'queue_retries_total',
      'Number of times that a SealedSecret was put back into the queue after a failure',
    ),
    reconcileDuration: new Histogram({
      name: `${PREFIX}reconcile_duration_seconds`,
      help: 'How long reconciling one SealedSecret took',
      labelNames: ['outcome'],
      buckets: DURATION_BUCKETS,
      registers,
    }),
    lastSuccess: gauge(
      'last_success_timestamp_seconds',
      'When a SealedSecret was last reconciled successfully',
    ),
    driftRepairs: new Counter({
      name: `${PREFIX}drift_total`,
      help: 'Number of times that something else modified a managed Secret, by what the controller did about it',
      labelNames: ['action'],
      registers,
    }),
    auditFailing: gauge('audit_failing', '1 while the audit log cannot be written, else 0'),
    auditLost: counter(
      'audit_lost_total',
      'Events that are missing in the audit log because it could not be written',
    ),
    auditSequence: gauge('audit_sequence', 'Number of the last line of the audit log; 0 without one'),
    expiredValues: new CountedGauge({
      name: `${PREFIX}expired_values`,
      help: 'Values of SealedSecrets that are past the expiry that their sealer set',
      registers,
    }),
    statusPruned: gauge(
      'status_pruned',
      '1 if the CRD in the cluster drops fields of the status that this controller needs, else 0',
    ),
  };
}

function signerMetrics(registry: Registry) {
  const { gauge } = plainMetrics(registry);
  return {
    allowedSigners: gauge(
      'allowed_signers',
      'Lines of the allowed-signers file that count; absent without a file',
    ),
    allowedSignersUnreadable: gauge(
      'allowed_signers_unreadable',
      '1 if the allowed-signers file cannot be used, so that nobody may sign, else 0',
    ),
    unsigned: new CountedGauge({
      name: `${PREFIX}unsigned_sealed_secrets`,
      help: 'SealedSecrets that no allowed signer signed, in namespaces that ask for it, by mode and by what was found',
      labelNames: ['mode', 'finding'],
      registers: [registry],
    }),
  };
}

function keyMetrics(registry: Registry) {
  const registers = [registry];
  const { gauge, counter } = plainMetrics(registry);
  return {
    keys: gauge('keys', 'Sealing keys that can open values'),
    keyErrors: counter('key_errors_total', 'Number of times that a key Secret could not be read'),
    keysUnreadable: gauge('keys_unreadable', 'Key Secrets that cannot be read at present'),
    keysLocked: gauge('keys_locked', 'Wrapped key Secrets that the key service has not unwrapped'),
    keyServiceFailures: counter(
      'key_service_failures_total',
      'Number of times that a wrapped sealing key could not be unwrapped',
    ),
    decapsulations: new Counter({
      name: `${PREFIX}split_key_decapsulations_total`,
      help: 'Openings with a split key: by a call to its key service (asked), without (cached), or not at all (failed)',
      labelNames: ['result'],
      registers,
    }),
    keyRenewPeriod: gauge(
      'key_renew_period_seconds',
      'How long a sealing key is used before the next one is created; 0 if keys are not renewed',
    ),
    keyCreated: gauge(
      'key_created_timestamp_seconds',
      'When the sealing key that kubeseal seals with was created; its age is time() minus this',
    ),
    certificateExpiry: gauge(
      'certificate_expiry_timestamp_seconds',
      'When the certificate that kubeseal seals with expires',
    ),
    keyLastBackup: new Gauge({
      name: `${PREFIX}key_last_backup_timestamp_seconds`,
      help: 'When kubeseal keys backup last wrote a sealing key, by the annotation of its Secret; 0 if it never did',
      labelNames: ['fingerprint'],
      registers,
    }),
    v2KeyCreated: gauge(
      'v2_key_created_timestamp_seconds',
      'When the newest sealing key of format v2 was created; absent without one',
    ),
    v2KeyExpiry: gauge(
      'v2_key_expiry_timestamp_seconds',
      'Until when one may seal with the newest sealing key of format v2; absent without one',
    ),
    staleSealedSecrets: gauge(
      'stale_sealed_secrets',
      'SealedSecrets that need a key older than the newest one of its format; absent while unknown',
    ),
    keylessSealedSecrets: gauge('keyless_sealed_secrets', 'SealedSecrets whose key is gone, as far as known'),
    oldestKeyInUse: gauge(
      'oldest_key_in_use_timestamp_seconds',
      'When the oldest sealing key that a SealedSecret still needs was created; 0 if none is needed; absent while unknown, and if all needed keys are gone',
    ),
  };
}
