import { availableParallelism } from 'node:os';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { EventRecorder } from '@fuin/kube/events';
import { describeError } from '../describe-error.ts';
import { kubeLogger } from '../kube-log.ts';
import type { Materials } from '../materials.ts';
import type { Metrics } from '../metrics.ts';
import { pause } from '../pause.ts';
import { watchKeySecrets } from '../work/watches.ts';
import { SECRETS } from './key-secret.ts';
import { Refusals } from './refusals.ts';
import { KeyRegistry } from './registry.ts';
import { KeyRenewer } from './renewer.ts';

/** What holds and makes sealing keys. */
export interface KeyParts {
  readonly registry: KeyRegistry;
  readonly renewer: KeyRenewer;
  /** Resolves when the registry holds every key that the server has; waits for the server if need be. */
  loadKeys(stop: AbortSignal): Promise<void>;
  /** Resolves when there is a key to seal with. */
  firstKey(stop: AbortSignal): Promise<void>;
  /** Milliseconds since the watch over key Secrets took a step. */
  keysStalledMs(): number;
}

/** A refusal is worth the while for as long as the process lives. */
const NEVER = new AbortController().signal;

/** Wires registry, renewer and the watch over key Secrets. */
export function assembleKeys(
  materials: Materials & { readonly events: EventRecorder; readonly metrics: Metrics },
): KeyParts {
  const { config, client, namespace, log, events, metrics } = materials;
  metrics.keyRenewPeriod.set(config.keys.renewPeriodMs / 1000);
  const registry = new KeyRegistry({
    order: config.keys.order,
    copies: availableParallelism(),
    now: () => new Date(),
    refusals: new Refusals({ api: client, log, sleep: (delayMs) => pause(delayMs, NEVER) }),
    events,
    log,
    metrics,
  });
  const renewer = new KeyRenewer({
    api: client,
    registry,
    config: config.keys,
    namespace,
    log,
    now: () => new Date(),
    sleep: pause,
  });
  const watch = { client, namespace, config: config.watch, logger: kubeLogger(log), metrics };
  const informer = watchKeySecrets(watch, ({ current, previous }) => {
    void (current ? registry.upsert(current) : registry.remove(previous?.metadata.name ?? ''));
  });
  return {
    registry,
    renewer,
    loadKeys: async (stop) => {
      await informer.start(stop);
      await loadLegacyKey(materials, registry, stop);
      await registry.settle();
    },
    firstKey: (stop) => firstKey(registry, stop),
    keysStalledMs: () => informer.stalledMs,
  };
}

/** Before labels, the one key Secret was named like the prefix. Installations that have none may deny reading it. */
async function loadLegacyKey(
  { client, namespace, config, log }: Materials,
  registry: KeyRegistry,
  stop: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const secret = await client.get(SECRETS, { namespace, name: config.keys.prefix });
      if (secret) await registry.upsert(secret, true);
      return;
    } catch (error) {
      const isTransient = error instanceof SealedSecretsError && error.code === 'ERR_API_UNAVAILABLE';
      if (!isTransient) return log.debug('no legacy key can be read', describeError(error));
      await pause(Math.min(30_000, 500 * 2 ** attempt), stop);
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
