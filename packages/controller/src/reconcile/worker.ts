import type { KeyRing } from '@fuin/crypto-core';
import { describeError } from '../describe-error.ts';
import type { ObjectKey, WorkQueue } from '../kube/ports.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { failureRow } from './failures.ts';
import { retryDelayMs } from './retry.ts';

/** What workers need. */
export interface WorkerDeps {
  readonly queue: WorkQueue;
  readonly reconcile: (key: ObjectKey) => Promise<void>;
  readonly keys: { readonly keyRing: KeyRing; onChange(listener: () => void): void };
  readonly maxFastRetries: number;
  readonly jitter: () => number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'unsealRequests' | 'reconcileDuration' | 'queueRetries'>;
}

/** Takes keys off the queue, several at once, and decides by the kind of failure whether and when each comes back. */
export class Workers {
  readonly #deps: WorkerDeps;
  readonly #failures = new Map<string, number>();
  /** Objects that no key opened: they come back when a key is added. */
  readonly #waitingForKey = new Map<string, ObjectKey>();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    deps.keys.onChange(() => this.#retryWaiting());
  }

  /** Works until the queue is shut down; after `stop` aborts only what is in hand is finished. */
  async run(count: number, stop: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#work(stop)));
  }

  async #work(stop: AbortSignal): Promise<void> {
    const { queue } = this.#deps;
    for (let key = await queue.next(); key && !stop.aborted; key = await queue.next()) {
      await this.#pass(key);
      queue.done(key);
    }
  }

  async #pass(key: ObjectKey): Promise<void> {
    const { reconcile, keys, metrics } = this.#deps;
    const { keyRing } = keys;
    const stopTimer = metrics.reconcileDuration.startTimer();
    metrics.unsealRequests.inc();
    this.#waitingForKey.delete(textOf(key));
    try {
      await reconcile(key);
      this.#failures.delete(textOf(key));
      stopTimer({ outcome: 'ok' });
    } catch (error) {
      stopTimer({ outcome: failureRow(error).reason });
      this.#comeBack(key, error, keyRing);
    }
  }

  #comeBack(key: ObjectKey, error: unknown, triedKeyRing: KeyRing): void {
    const { queue, keys, maxFastRetries, jitter, log, metrics } = this.#deps;
    const { retry } = failureRow(error);
    const text = textOf(key);
    if (retry === 'change' || retry === 'change-or-key') {
      this.#failures.delete(text);
      if (retry === 'change') return;
      if (keys.keyRing === triedKeyRing) this.#waitingForKey.set(text, key);
      else queue.add(key); // a key came while the others were tried
      return;
    }
    const failures = (this.#failures.get(text) ?? 0) + 1;
    this.#failures.set(text, failures);
    const delayMs = retryDelayMs(failures, retry === 'slow' ? 0 : maxFastRetries, jitter());
    metrics.queueRetries.inc();
    log.warn('error updating, will retry', {
      ...key,
      failures,
      delayMs: Math.round(delayMs),
      ...describeError(error),
    });
    queue.addAfter(key, delayMs);
  }

  #retryWaiting(): void {
    for (const key of this.#waitingForKey.values()) this.#deps.queue.add(key);
    this.#waitingForKey.clear();
  }
}

function textOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
