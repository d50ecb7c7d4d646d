import { availableParallelism } from 'node:os';
import { SealedSecretsError } from '@fuin/crypto-core';
import { type ApiClient, SECRETS } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import { backoffDelayMs, SERVER_BACKOFF, sleep, systemClock } from '@fuin/kube/time';
import type { AuditTrail } from '../audit/trail.ts';
import type { Config } from '../config/config.ts';
import { describeError, kubeLogger, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { type KeyMaker, type KeySubject, rsaMaker, splitMaker, xWingMaker } from './generation.ts';
import type { KeySource } from './kinds.ts';
import { Refusals } from './refusals.ts';
import { KeyRegistry } from './registry.ts';
import { isRetired, readRetiredKeys } from './removed-keys.ts';
import { KeyRenewer } from './renewal/renewer.ts';
import type { SplitKeys } from './split/split-key.ts';
import { watchKeySecrets } from './watch.ts';
import { KeyLocks } from './wrapping/key-locks.ts';
import { wrappedMaker } from './wrapping/wrapped-maker.ts';
import type { Wrapping } from './wrapping/wrapping.ts';

/** How long a start waits for a key service. Then it goes on without the keys that are not unwrapped. */
const UNLOCK_PATIENCE_MS = 15_000;

/** What the keys are read from, and where they are reported. */
export interface KeysDeps {
  readonly client: ApiClient;
  readonly config: Pick<Config, 'keys' | 'watch'>;
  /** The controller's own, where key Secrets are. */
  readonly namespace: string;
  readonly subject: KeySubject;
  /** The key services that wrap keys at rest; undefined for plain key Secrets. */
  readonly wrapping: Wrapping | undefined;
  /** The key services that hold a part of keys of format v2; undefined for none. */
  readonly splitKeys: SplitKeys | undefined;
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly audit: AuditTrail | undefined;
}

/** The sealing keys, and what creates them. */
export interface Keys {
  readonly registry: KeyRegistry;
  /** Makes sure that there are sufficiently new keys, until `signal` aborts. */
  renew(signal: AbortSignal): Promise<void>;
  /** Creates keys now, whatever the schedule says. */
  renewNow(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when the registry holds every key that the server has; waits for the server if necessary, and
   * for a key service only a while.
   */
  load(stop: AbortSignal): Promise<void>;
  /** Resolves when there is a key to seal with. */
  whenFirst(stop: AbortSignal): Promise<void>;
  /** How many wrapped keys cannot be unwrapped now. */
  lockedCount(): number;
  /** Milliseconds since the watch over key Secrets took a step. */
  stalledMs(): number;
}

/** Wires registry, renewer and the watch over key Secrets. */
export function createKeys(deps: KeysDeps): Keys {
  const { config, client, namespace, wrapping, splitKeys, log, events, metrics, audit } = deps;
  metrics.keyRenewPeriod.set(config.keys.renewPeriodMs / 1000);
  const pause = (delayMs: number) => sleep(systemClock, delayMs);
  const clocked = { order: config.keys.order, now: () => new Date() };
  const locks = new KeyLocks({ wrapping, events, log, metrics, audit, sleep: pause, ...clocked });
  const registry = new KeyRegistry({
    ...clocked,
    copies: availableParallelism(),
    refusals: new Refusals({ api: client, log, sleep: pause }),
    locks,
    splitKeys,
    events,
    log,
    metrics,
    audit,
    isRetired: (name) => isRetired(name, deps),
  });
  registry.onLoss(() => void readRetiredKeys(registry.removed, deps)); // who retired it says so there
  if (splitKeys) measureSplitKeys(splitKeys, { log, metrics });
  const renewers = makersOf(deps).map(
    (maker) =>
      new KeyRenewer({
        api: client,
        registry,
        maker,
        config: config.keys,
        namespace,
        log,
        audit,
        now: () => new Date(),
        sleep: (delayMs, signal) => sleep(systemClock, delayMs, signal),
      }),
  );
  const watch = { client, namespace, config: config.watch, logger: kubeLogger(log), metrics };
  const sources: readonly KeySource[] = ['labelled', 'own-kind'];
  const informers = sources.map((source) =>
    watchKeySecrets(source, watch, ({ current, previous }) => {
      if (current) void registry.upsert(current, source);
      else void registry.remove(previous?.metadata.name ?? '', source);
    }),
  );
  return {
    registry,
    renew: async (signal) => void (await Promise.all(renewers.map((each) => each.run(signal)))),
    renewNow: async (signal) => void (await Promise.all(renewers.map((each) => each.generateNow(signal)))),
    load: async (stop) => {
      await Promise.all(informers.map((informer) => informer.start(stop)));
      await loadLegacyKey(deps, registry, stop);
      await readRetiredKeys(registry.removed, deps);
      await registry.settle();
      await Promise.race([locks.tried(), sleep(systemClock, UNLOCK_PATIENCE_MS, stop)]);
      await registry.settle();
    },
    lockedCount: () => locks.locked.length,
    whenFirst: (stop) => firstKey(registry, stop),
    stalledMs: () => Math.max(...informers.map(({ stalledMs }) => stalledMs)),
  };
}

/** A failure that is repeated while the service is not asked is logged once. */
function measureSplitKeys(
  splitKeys: Pick<SplitKeys, 'onDecapsulation'>,
  { log, metrics }: Pick<KeysDeps, 'log' | 'metrics'>,
): void {
  let last: unknown;
  splitKeys.onDecapsulation((result, error) => {
    metrics.decapsulations.inc({ result });
    if (error && error !== last)
      log.warn('key service opens no values', { error: error.message, hint: error.hint });
    last = error;
  });
}

/** One for each format that is made. The part of a split key that is in its Secret opens nothing alone. */
function makersOf({ config: { keys }, namespace, subject, wrapping, splitKeys }: KeysDeps): KeyMaker[] {
  const atRest = (maker: KeyMaker) => (wrapping ? wrappedMaker(maker, wrapping) : maker);
  const rsa = atRest(rsaMaker(keys, namespace, subject));
  if (!keys.makesV2) return [rsa];
  return [rsa, splitKeys ? splitMaker(keys, namespace, splitKeys) : atRest(xWingMaker(keys, namespace))];
}

/**
 * Before keys had labels, the only key Secret was named like the prefix. Installations without one may not
 * allow reading it.
 */
async function loadLegacyKey(
  { client, namespace, config, log }: KeysDeps,
  registry: KeyRegistry,
  stop: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const secret = await client.get(SECRETS, { namespace, name: config.keys.prefix });
      if (secret) await registry.upsert(secret, 'legacy');
      return;
    } catch (error) {
      const isTransient = error instanceof SealedSecretsError && error.code === 'ERR_API_UNAVAILABLE';
      if (!isTransient) return log.debug('no legacy key can be read', describeError(error));
      await sleep(systemClock, backoffDelayMs(SERVER_BACKOFF, attempt, Math.random), stop);
      stop.throwIfAborted();
    }
  }
}

function firstKey(registry: KeyRegistry, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => registry.newest && resolve();
    registry.onChange(check);
    stop.addEventListener('abort', () => reject(stop.reason), { once: true });
    check();
  });
}
