// Over 200 lines: watches, queue, workers and metrics of the work are wired in one place.
import type { ChangeListener, FirstLists, NamespacesInformer } from '@fuin/kube/cache';
import { type ApiClient, fencedClient, type ObjectKey } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import { apiFailureOf } from '@fuin/kube/transport';
import { createWorkQueue, type WorkQueue } from '@fuin/kube/workqueue';
import type { AuditLog } from '../audit/open-audit.ts';
import type { Config } from '../config/config.ts';
import type { KeyRegistry } from '../keys/registry.ts';
import { kubeLogger, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type ReconcileDeps, reconcile } from '../reconcile/reconcile.ts';
import { Repairs } from '../reconcile/repairs.ts';
import { createReporter } from '../reconcile/reporter.ts';
import { createSecretStore } from '../reconcile/secret/secret-store.ts';
import { LastUnseals } from '../reconcile/status/last-unseal.ts';
import { createStatusWriter, SEALED_SECRETS, silentStatusWriter } from '../reconcile/status/status-writer.ts';
import type { TemplateEngine } from '../reconcile/templates.ts';
import type { SignerGate } from '../signers/signer-gate.ts';
import type { Signers } from '../signers/signers.ts';
import { collectAtRest } from './collect-at-rest.ts';
import { forgetNamespaces, showConditions } from './condition-metric.ts';
import { watchExpiry } from './expiry-watch.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { observeKeyUse } from './key-use-metric.ts';
import { laneLimits, laneOf } from './lanes.ts';
import { type Leadership, leadersQueue } from './leadership.ts';
import { onSealedSecretChange, onSecretChange, queueMissing, queueUnsynced } from './triggers.ts';
import { watchSealedSecrets, watchSecrets } from './watches.ts';
import { Workers } from './worker.ts';

/** What turns SealedSecrets into Secrets. */
export interface Reconciler {
  readonly queue: WorkQueue;
  readonly workers: Workers;
  /** Starts the watches over SealedSecrets and, if there is one, over Secrets. */
  startWatches(stop: AbortSignal): {
    readonly sealedSecrets: FirstLists;
    readonly secrets: FirstLists | undefined;
  };
  /** This replica starts or stops leading. */
  turn(isLeader: boolean): void;
  /** What is known after the first lists. */
  inventory(): Promise<Inventory>;
  /** Milliseconds since the slowest watch took a step. */
  stalledMs(): number;
}

/** What the work is taken from and done with. */
export interface ReconcilerDeps {
  readonly client: ApiClient;
  readonly config: Pick<Config, 'keys' | 'reconcile' | 'watch'>;
  /** The controller's own. */
  readonly namespace: string;
  readonly log: Logger;
  readonly keys: KeyRegistry;
  readonly events: EventRecorder;
  readonly metrics: Metrics;
  readonly templates: TemplateEngine;
  readonly leadership: Leadership;
  /** Undefined if no namespace needs signatures. */
  readonly signers: Signers | undefined;
  readonly audit: AuditLog | undefined;
}

/** Wires watches, queue and workers. */
export function createReconciler(given: ReconcilerDeps): Reconciler {
  const { config, log, metrics, keys, leadership } = given;
  const deps = { ...given, client: fencedClient(given.client, () => leadership.isLeader) };
  const { noteWork, collectNow } = collectAtRest();
  const onDepth = (depth: number) => {
    metrics.queueDepth.set(leadership.isLeader ? depth : 0);
    noteWork();
  };
  const { maxFastRetries, concurrency } = config.reconcile;
  const lanes = {
    limits: laneLimits(concurrency),
    laneOf: (key: ObjectKey) =>
      laneOf(key, {
        sealedSecrets,
        templates: given.templates,
        hasFailed: (each) => workers.hasFailed(each),
      }),
  };
  const queue = leadersQueue(createWorkQueue({ hooks: { onDepth }, lanes }), leadership);
  const memory = { lastUnseals: new LastUnseals(), repairs: new Repairs(() => performance.now()) };
  const { sealedSecrets, secrets, keyUse } = createWatches(deps, queue, memory, noteWork);
  const passDeps = reconcileDeps(deps, { sealedSecrets, secrets, ...memory });
  const workers = new Workers({
    queue,
    reconcile: (key, retries) => reconcile(key, passDeps, retries),
    keys,
    maxFastRetries,
    concurrency,
    retryAfterMs: (error) => apiFailureOf(error)?.retryAfterMs,
    jitter: Math.random,
    log,
    metrics,
  });
  const judgeAgain = () => retryWhereSigned(sealedSecrets, given.signers?.gate, workers);
  given.signers?.onChange(judgeAgain);
  return {
    queue,
    workers,
    startWatches: (stop) => {
      const listed = { sealedSecrets: sealedSecrets.start(stop), secrets: secrets?.start(stop) };
      listed.sealedSecrets.every.then(keyUse.complete, () => undefined);
      // pages leave as much garbage as there is to keep, and the start leaves some too
      Promise.all([listed.sealedSecrets.every, listed.secrets?.every]).then(collectNow, () => undefined);
      noteWork();
      return listed;
    },
    turn: (isLeader) => {
      if (isLeader) {
        memory.lastUnseals.beginTerm();
        queueUnsynced({ queue, sealedSecrets });
        judgeAgain();
      } else {
        metrics.statusPruned.set(0); // the next leader reports it
        given.signers?.gate.forgetAll();
      }
      metrics.queueDepth.set(isLeader ? queue.length : 0);
    },
    inventory: () =>
      takeInventory(sealedSecrets.list(), keys.keyRing.keys.length, metrics.staleSealedSecrets),
    stalledMs: () => Math.max(sealedSecrets.stalledMs, secrets?.stalledMs ?? 0),
  };
}

function createWatches(
  { config, client, namespace, log, metrics, keys, events, audit }: ReconcilerDeps,
  queue: WorkQueue,
  memory: Memory,
  noteWork: () => void,
) {
  const keep = audit?.actors.keep;
  const watch = { client, namespace, config: config.watch, logger: kubeLogger(log), metrics, keep };
  const { driftPolicy, omitsSecretLabels } = config.reconcile;
  const held = { get: (key: ObjectKey) => sealedSecrets.get(key) };
  const { lastUnseals } = memory;
  const keyUse = observeKeyUse({ metrics, keys, namespace, events, log, sealedSecrets: held, lastUnseals });
  const listeners = [
    onSealedSecretChange({ queue }),
    keyUse.notice,
    watchExpiry({ queue, metrics, lastUnseals, now: () => new Date() }),
    forgetNamespaces(metrics),
    noteWork,
  ];
  const sealedSecrets: NamespacesInformer = watchSealedSecrets(watch, toAll(listeners));
  if (!omitsSecretLabels) showConditions(metrics, sealedSecrets.list);
  const triggers = { queue, sealedSecrets, driftPolicy, ...memory };
  if (!config.watch.watchesSecrets) return { sealedSecrets, keyUse, secrets: undefined };
  // with a label selector, a Secret that is not seen may still exist
  const onListed = config.watch.labelSelector
    ? () => undefined
    : () => queueMissing({ ...triggers, hasSecret: (key) => secrets.get(key) !== undefined });
  const secrets: NamespacesInformer = watchSecrets(watch, onSecretChange(triggers), onListed);
  return { sealedSecrets, keyUse, secrets };
}

/** What reconciles remember for later ones. */
interface Memory {
  readonly lastUnseals: LastUnseals;
  readonly repairs: Repairs;
}

interface Caches extends Memory {
  readonly sealedSecrets: NamespacesInformer;
  readonly secrets: NamespacesInformer | undefined;
}

function reconcileDeps(deps: ReconcilerDeps, { sealedSecrets, secrets, ...memory }: Caches): ReconcileDeps {
  const { config, client, namespace, events, log, metrics, keys, templates, audit } = deps;
  const { updatesStatus, ...flags } = config.reconcile;
  const now = () => new Date();
  // with a label selector the cache does not see every Secret, so it cannot say that one is absent
  const reporter = createReporter({ events, log, metrics, now, audit });
  const isComplete = secrets && !config.watch.labelSelector;
  return {
    sealedSecrets,
    secrets: createSecretStore(client, isComplete ? secrets.listerOf : undefined, audit),
    keys,
    readSealedSecret: (key) => client.get(SEALED_SECRETS, key),
    statuses: updatesStatus ? createStatusWriter(client, now, reporter.reportStored) : silentStatusWriter,
    ...memory,
    reporter,
    now,
    audit,
    renderTemplates: templates.forNamespace,
    signers: deps.signers?.gate,
    sealingKeys: { namespace, legacyName: config.keys.prefix },
    ...flags,
  };
}

/** Queues the objects that need a signature, for who may sign has changed. */
function retryWhereSigned(
  sealedSecrets: Pick<NamespacesInformer, 'list'>,
  gate: Pick<SignerGate, 'asksIn'> | undefined,
  workers: Workers,
): void {
  if (!gate) return;
  for (const { metadata } of sealedSecrets.list()) {
    const { namespace = '', name = '' } = metadata;
    if (gate.asksIn(namespace)) workers.retry({ namespace, name });
  }
}

function toAll(listeners: readonly ChangeListener[]): ChangeListener {
  return (change) => {
    for (const listener of listeners) listener(change);
  };
}
