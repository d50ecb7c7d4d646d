import { setTimeout as delay } from 'node:timers/promises';
import { findServer } from '@fuin/kube/access';
import { createApiClient } from '@fuin/kube/client';
import { type Assembly, assemble } from './assemble.ts';
import type { Config } from './config/config.ts';
import { formatAddress } from './config/flag-values.ts';
import { listen } from './http/listen.ts';
import { openSplitKeys } from './keys/split/split-keys.ts';
import { clusterMarkOf } from './keys/subject.ts';
import { openWrapping } from './keys/wrapping/wrapping.ts';
import type { Logger } from './log.ts';
import { FIELD_MANAGER } from './reconcile/secret/written.ts';
import { VERSION } from './version.ts';
import { electionPatienceMs, type Leadership } from './work/leadership.ts';
import type { Reconciler } from './work/reconciler.ts';

/** What a run takes from the process around it. */
export interface RunDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
  /** Aborts when the controller must stop. */
  readonly stop: AbortSignal;
  /** Calls back when a key must be created at once. */
  readonly onRenewal: (listener: () => void) => void;
}

/** Namespaces that cannot be read delay readiness and work no longer than this. */
const SYNC_PATIENCE_MS = 10_000;
/**
 * For the work in progress at a stop, then for events, then for open requests: 28 s together, below the usual
 * grace period of 30 s.
 */
const WORK_PATIENCE_MS = 20_000;
const FLUSH_PATIENCE_MS = 4_000;
const CLOSE_PATIENCE_MS = 4_000;
/** Twice, for the last lines of the audit log and for the event about them. */
const AUDIT_PATIENCE_MS = 500;

/**
 * Runs the controller until `stop` aborts. Listens before it asks the API server for anything, and waits for
 * an API server that does not answer yet.
 *
 * @throws ERR_USAGE if there is no way to the API server or an address is in use
 */
export async function run(config: Config, { env, log, stop, onRenewal }: RunDeps): Promise<void> {
  const wrapping = await openWrapping(config.keys.wrappers, env);
  const splitKeys = await openSplitKeys(config.keys.splitKeys, env);
  const access = await findServer({ kubeconfig: config.kubeconfig, env });
  const namespace = env['POD_NAMESPACE'] || access.namespace;
  const client = createApiClient(access, {
    env,
    fieldManager: FIELD_MANAGER,
    userAgent: `${FIELD_MANAGER}/${VERSION}`,
    requestTimeoutMs: config.requestTimeoutMs,
    ...rateOf(config),
  });
  const electionClient = client.within(electionPatienceMs(config.leader));
  const clusterMark = await access.tls().then(
    ({ ca = '' }) => clusterMarkOf(ca),
    () => '', // what cannot be read is reported with the first request
  );
  const assembly = assemble({
    config,
    client,
    electionClient,
    namespace,
    clusterMark,
    wrapping,
    splitKeys,
    env,
    log,
    createAudit: config.audit && (await import('./audit/open-audit.ts')).createAudit,
  });
  assembly.audit?.start();
  log.info('starting sealed-secrets controller', { version: VERSION, namespace });
  if (wrapping) log.info('new keys are wrapped', { wrapper: wrapping.description });
  if (splitKeys)
    log.info('a key service takes part in new keys of format v2', { wrapper: splitKeys.description });
  try {
    await listen(assembly.api, config.http.address);
    await listen(assembly.metricsApi, config.http.metricsAddress);
    log.info('HTTP server serving', addressesOf(assembly));
    onRenewal(() => void assembly.keys.renewNow(stop));
    const serving = aborted(stop).then(() => delay(config.http.shutdownDelayMs));
    await work(assembly, log, stop);
    await serving;
  } finally {
    await shutDown(assembly);
    await client.close();
    await wrapping?.close();
    await splitKeys?.close();
  }
  log.info('stopped');
}

/**
 * Keys come first, because nothing can be decrypted without them. A replica that does not lead becomes ready
 * and no more. Returns when the work in progress is finished and the Lease is released.
 */
async function work(assembly: Assembly, log: Logger, stop: AbortSignal): Promise<void> {
  const { keys, leadership, reconciler, signers } = assembly;
  const release = new AbortController();
  try {
    await signers?.start(stop);
    await keys.load(stop);
    const leading = leadership.run(release.signal);
    const keeping = whileLeading(leadership, stop, (term) => keys.renew(term));
    await keys.whenFirst(stop);
    await firstLists(reconciler, log, stop);
    assembly.setReady();
    log.info('controller is ready', { ...(await reconciler.inventory()) });
    const working = reconciler.workers.run(stop);
    await aborted(stop);
    reconciler.queue.shutDown();
    await within(WORK_PATIENCE_MS, Promise.all([working, keeping]));
    release.abort();
    await within(FLUSH_PATIENCE_MS, leading);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    release.abort();
  }
}

/**
 * Waits for every namespace for a while, and then for one: without any namespace there is no work, and this
 * replica is of no use.
 */
async function firstLists(reconciler: Reconciler, log: Logger, stop: AbortSignal): Promise<void> {
  const { sealedSecrets, secrets } = reconciler.startWatches(stop);
  const [hasAll, hasSecrets] = await Promise.all([
    within(SYNC_PATIENCE_MS, sealedSecrets.every, stop),
    within(SYNC_PATIENCE_MS, Promise.resolve(secrets?.every), stop),
  ]);
  if (!hasSecrets) log.warn('some Secrets cannot be listed, their changes are not seen');
  if (hasAll) return;
  if (await within(0, sealedSecrets.some, stop)) {
    log.warn('some namespaces cannot be read, working on the others');
    return;
  }
  log.warn('no SealedSecrets can be read yet, not ready');
  await sealedSecrets.some;
}

async function whileLeading(
  leadership: Leadership,
  stop: AbortSignal,
  run: (term: AbortSignal) => Promise<void>,
): Promise<void> {
  while (!stop.aborted) await run(await leadership.whenLeading(stop));
}

/** The audit log ends last: it tells what the others did, and its last head is an event. */
async function shutDown({ events, api, metricsApi, templates, audit }: Assembly): Promise<void> {
  await within(FLUSH_PATIENCE_MS, events.flush());
  await within(CLOSE_PATIENCE_MS, Promise.all([api.close(), metricsApi.close(), templates.close()]));
  if (!audit) return;
  await within(AUDIT_PATIENCE_MS, audit.close());
  await within(AUDIT_PATIENCE_MS, events.flush());
}

function rateOf({ clientRate }: Config) {
  return clientRate ? { rate: clientRate } : {};
}

function addressesOf({ api, metricsApi }: Assembly) {
  return { address: addressOf(api), metricsAddress: addressOf(metricsApi) };
}

function addressOf(app: Assembly['api']): string | undefined {
  const address = app.server.address();
  return typeof address === 'object' && address
    ? formatAddress({ host: address.address, port: address.port })
    : undefined;
}

/** Whether the promise resolved in time. Rejects when it does, or when `signal` aborts. */
async function within(patienceMs: number, promise: Promise<unknown>, signal?: AbortSignal): Promise<boolean> {
  const timer = new AbortController();
  const waiting = delay(patienceMs, false, {
    signal: signal ? AbortSignal.any([signal, timer.signal]) : timer.signal,
  });
  try {
    return await Promise.race([promise.then(() => true), waiting]);
  } finally {
    timer.abort();
    waiting.catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
