import { setTimeout as pause } from 'node:timers/promises';
import type { ApiClient } from '@fuin/kube/client';
import { createEventRecorder, type EventRecorder } from '@fuin/kube/events';
import type { FastifyInstance } from 'fastify';
import type { AuditLog, createAudit } from './audit/open-audit.ts';
import type { Config } from './config/config.ts';
import { buildMetricsServer } from './http/metrics-server.ts';
import { pageFile } from './http/page-file.ts';
import { buildServer } from './http/server.ts';
import { createKeys, type Keys } from './keys/keys.ts';
import type { SplitKeys } from './keys/split/split-key.ts';
import { subjectOf } from './keys/subject.ts';
import type { Wrapping } from './keys/wrapping/wrapping.ts';
import { kubeLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { createTemplateEngine, type TemplateEngine } from './reconcile/templates.ts';
import { createSigners, type Signers } from './signers/signers.ts';
import { VERSION } from './version.ts';
import { createLeadership, identityOf, type Leadership } from './work/leadership.ts';
import { createReconciler, type Reconciler } from './work/reconciler.ts';

/** What the process and its flags provide. */
export interface AssemblyDeps {
  readonly config: Config;
  readonly client: ApiClient;
  /** For the Lease: a request that hangs must leave time for another before leadership ends. */
  readonly electionClient: ApiClient;
  /** The controller's own. */
  readonly namespace: string;
  /** Identifies the cluster in certificates of new keys; empty where nothing does. */
  readonly clusterMark: string;
  /** The key services that wrap keys at rest, if there are any. */
  readonly wrapping: Wrapping | undefined;
  /** The key services that hold a part of keys of format v2, if there are any. */
  readonly splitKeys: SplitKeys | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Makes the audit log, if there is one: its code is loaded only then. */
  readonly createAudit: typeof createAudit | undefined;
}

/** The rooms of the controller, wired but not started. */
export interface Assembly {
  readonly keys: Keys;
  readonly reconciler: Reconciler;
  readonly leadership: Leadership;
  readonly api: FastifyInstance;
  readonly metricsApi: FastifyInstance;
  readonly events: EventRecorder;
  readonly audit: AuditLog | undefined;
  readonly templates: TemplateEngine;
  /** Undefined if no namespace needs signatures. */
  readonly signers: Signers | undefined;
  /** From then on /readyz answers 200. */
  setReady(): void;
}

/**
 * A watch whose loop took no step for this long is stuck. It does not just lack a server, and only a restart
 * helps.
 */
const STALLED_LIMIT_MS = 600_000;

/**
 * The time of this thread, not of the process: compilers, collectors and Web Crypto have threads of their
 * own.
 */
function threadTimeMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Wires the controller. Starts nothing. */
export function assemble(deps: AssemblyDeps): Assembly {
  const { config, client, electionClient, namespace, clusterMark, wrapping, splitKeys, log } = deps;
  const metrics = createMetrics(VERSION);
  const logger = kubeLogger(log);
  const isBusy = () => reconciler.queue.length > 0;
  const events = createEventRecorder({ client, component: 'sealed-secrets', logger, isBusy });
  const templates = createTemplateEngine();
  const signers = config.signers && createSigners(config.signers, { log, metrics });
  const subject = subjectOf(config.leader.leaseName, namespace, clusterMark);
  const identity = identityOf(deps.env);
  const audit = auditOf(deps, { identity, events, metrics });
  const services = { wrapping, splitKeys };
  const shown = { events, log, metrics, audit };
  const keys = createKeys({ client, config, namespace, subject, ...services, ...shown });
  const onChange = (isLeader: boolean) => {
    metrics.isLeader.set(isLeader ? 1 : 0);
    audit?.record({ kind: isLeader ? 'leader.started' : 'leader.stopped', identity });
    reconciler.turn(isLeader);
  };
  const lease = { client: electionClient, config: config.leader, namespace, identity, logger, onChange };
  const leadership = createLeadership(lease);
  const shared = { client, config, namespace, events, log, metrics, keys: keys.registry };
  const reconciler = createReconciler({ ...shared, templates, leadership, signers, audit });
  let isReady = false;
  const health = {
    isReady: () => isReady,
    lockedKeys: keys.lockedCount,
    hasNoSigners: () => signers?.isUnreadable() === true,
    isAuditFailing: audit && (() => audit.isFailing),
    isLive: () => Math.max(keys.stalledMs(), reconciler.stalledMs()) < STALLED_LIMIT_MS,
  };
  const clock = { nowMs: () => performance.now(), busyMs: threadTimeMs };
  const { acceptV1Data } = config.reconcile;
  const serving = { config: config.http, ...clock };
  const readPage = config.http.servesPage ? pageFile() : undefined;
  const api = buildServer({
    ...health,
    ...serving,
    keys: keys.registry,
    acceptV1Data,
    metrics,
    log,
    audit,
    readPage,
  });
  const metricsApi = buildMetricsServer({ registry: metrics.registry, ...serving, pause });
  const setReady = () => {
    isReady = true;
  };
  return { keys, reconciler, leadership, api, metricsApi, events, audit, templates, signers, setReady };
}

function auditOf(
  { config, createAudit, namespace, log }: AssemblyDeps,
  parts: { readonly identity: string; readonly events: EventRecorder; readonly metrics: Metrics },
): AuditLog | undefined {
  const lease = { namespace, name: config.leader.leaseName };
  return config.audit && createAudit?.({ config: config.audit, version: VERSION, lease, log, ...parts });
}
