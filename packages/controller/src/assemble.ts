import { setTimeout as sleep } from 'node:timers/promises';
import { createEventRecorder, type EventRecorder } from '@fuin/kube/events';
import type { FastifyInstance } from 'fastify';
import { buildMetricsServer } from './http/metrics-server.ts';
import { buildServer } from './http/server.ts';
import { assembleKeys, type KeyParts } from './keys/keys.ts';
import { kubeLogger } from './kube-log.ts';
import type { Materials } from './materials.ts';
import { createMetrics } from './metrics.ts';
import { createTemplateEngine, type TemplateEngine } from './reconcile/templates.ts';
import { VERSION } from './version.ts';
import { createLeadership, type Leadership } from './work/leadership.ts';
import { assembleReconcile, type ReconcileParts } from './work/reconciler.ts';

/** The parts of the controller, wired and at rest. */
export interface Assembly extends KeyParts, ReconcileParts {
  readonly api: FastifyInstance;
  readonly metricsApi: FastifyInstance;
  readonly events: EventRecorder;
  readonly templates: TemplateEngine;
  readonly leadership: Leadership;
  /** Makes /readyz say yes. */
  setReady(): void;
}

/** A watch whose loop took no step for so long is stuck, not merely without a server: only a restart helps. */
const STALLED_LIMIT_MS = 600_000;

/** Not the time of the whole process: compilers, collectors and Web Crypto have threads of their own. */
function threadTimeMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Wires the controller. Starts nothing. */
export function assemble(materials: Materials): Assembly {
  const { config, client, log } = materials;
  const metrics = createMetrics(VERSION);
  const events = createEventRecorder({
    client,
    component: 'sealed-secrets',
    logger: kubeLogger(log),
    isBusy: () => reconcileParts.queue.length > 0,
  });
  const templates = createTemplateEngine(() => performance.now());
  const shared = { ...materials, metrics, events };
  const keyParts = assembleKeys(shared);
  const onChange = (isLeader: boolean) => {
    metrics.isLeader.set(isLeader ? 1 : 0);
    reconcileParts.turn(isLeader);
  };
  const leadership = createLeadership({
    ...materials,
    client: materials.electionClient,
    config: config.leader,
    logger: kubeLogger(log),
    onChange,
  });
  const reconcileParts = assembleReconcile({ ...shared, keys: keyParts.registry, templates, leadership });
  const clock = { nowMs: () => performance.now(), busyMs: threadTimeMs };
  let isReady = false;
  const api = buildServer({
    keys: keyParts.registry,
    isReady: () => isReady,
    isLive: () => Math.max(keyParts.keysStalledMs(), reconcileParts.watchesStalledMs()) < STALLED_LIMIT_MS,
    acceptV1Data: config.reconcile.acceptV1Data,
    config: config.http,
    metrics,
    log,
    ...clock,
  });
  return {
    ...keyParts,
    ...reconcileParts,
    api,
    metricsApi: buildMetricsServer({
      registry: metrics.registry,
      config: config.http,
      ...clock,
      pause: sleep,
    }),
    events,
    templates,
    leadership,
    setReady: () => {
      isReady = true;
    },
  };
}
