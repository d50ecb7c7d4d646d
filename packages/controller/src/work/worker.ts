import type { KeyRing } from '@fuin/crypto-core';
import { keyText, type ObjectKey } from '@fuin/kube/client';
import { backoffDelayMs } from '@fuin/kube/time';
import type { WorkQueue } from '@fuin/kube/workqueue';
import { describeError, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { failureRow, GaveWay, isRetried, isTransient } from '../reconcile/status/failures.ts';

/** Longest wait between two attempts, even if a server asks for more. */
const LONGEST_PAUSE_MS = 300_000;
/** Upstream's pauses for its few retries. */
const FAST = { baseMs: 5, capMs: LONGEST_PAUSE_MS, spread: 0.2 };
/** For the retries after those, which never end. */
const SLOW = { ...FAST, baseMs: 1_000 };

/** What workers need. */
export interface WorkerDeps {
  readonly queue: WorkQueue;
  /** Reconciles one object; `retries` counts its failed attempts in a row. */
  readonly reconcile: (key: ObjectKey, retries: number) => Promise<void>;
  readonly keys: { readonly keyRing: KeyRing; onChange(listener: () => void): void };
  readonly maxFastRetries: number;
  readonly concurrency: number;
  /** Milliseconds that the server asked to wait when it refused, if it did. */
  readonly retryAfterMs: (error: unknown) => number | undefined;
  readonly jitter: () => number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'unsealRequests' | 'reconcileDuration' | 'queueRetries'>;
}

/**
 * Takes keys from the queue, several at once, and decides by the kind of failure whether and when each is
 * retried.
 */
export class Workers {
  readonly #deps: WorkerDeps;
  readonly #failures = new Map<string, number>();
  /** Objects that no key opened: they are retried when a key is added. */
  readonly #waitingForKey = new Map<string, ObjectKey>();
  /** Objects whose last reconcile failed through their own fault. */
  readonly #failed = new Set<string>();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    deps.keys.onChange(() => this.#retryWaiting());
  }

  /** Works until the queue is shut down. After `stop` aborts, only the work in progress is finished. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: this.#deps.concurrency }, () => this.#work(stop)));
  }

  /** Whether the last reconcile failed, and only a change of the object, its Secret or a key can help. */
  hasFailed(key: ObjectKey): boolean {
    return this.#failed.has(keyText(key));
  }

  async #work(stop: AbortSignal): Promise<void> {
    const { queue } = this.#deps;
    for (let key = await queue.next(); key && !stop.aborted; key = await queue.next())
      await this.#reconcile(key);
  }

  async #reconcile(key: ObjectKey): Promise<void> {
    const { queue, reconcile, keys, metrics } = this.#deps;
    const { keyRing } = keys;
    const text = keyText(key);
    const stopTimer = metrics.reconcileDuration.startTimer();
    metrics.unsealRequests.inc();
    this.#waitingForKey.delete(text);
    try {
      await reconcile(key, this.#failures.get(text) ?? 0);
      this.#failures.delete(text);
      this.#failed.delete(text);
      stopTimer({ outcome: 'ok' });
    } catch (error) {
      if (error instanceof GaveWay) {
        stopTimer({ outcome: 'GaveWay' });
        queue.add(key);
      } else {
        stopTimer({ outcome: failureRow(error).reason });
        this.#comeBack(key, error, keyRing);
      }
    }
    queue.done(key);
  }

  #comeBack(key: ObjectKey, error: unknown, triedKeyRing: KeyRing): void {
    const { queue, keys } = this.#deps;
    const { retry } = failureRow(error);
    const text = keyText(key);
    if (retry !== 'back-off') this.#failed.add(text);
    if (isRetried(error)) {
      this.#backOff(key, error);
      return;
    }
    this.#failures.delete(text);
    if (retry !== 'change-or-key') return;
    if (keys.keyRing === triedKeyRing) this.#waitingForKey.set(text, key);
    else queue.add(key); // a key was added while the others were tried
  }

  #backOff(key: ObjectKey, error: unknown): void {
    const { queue, maxFastRetries, retryAfterMs, jitter, log, metrics } = this.#deps;
    const failures = (this.#failures.get(keyText(key)) ?? 0) + 1;
    this.#failures.set(keyText(key), failures);
    const { retry, reason } = failureRow(error);
    const fastRetries = retry === 'slow' ? 0 : maxFastRetries;
    const askedMs = Math.min(LONGEST_PAUSE_MS, retryAfterMs(error) ?? 0) * (1 + 0.2 * jitter());
    const delayMs = Math.max(askedMs, this.#pauseMs(failures, fastRetries));
    const fields = { ...key, failures, delayMs: Math.round(delayMs), reason, ...describeError(error) };
    if (isTransient(error) && failures <= maxFastRetries) log.warn('error updating, will retry', fields);
    else log.error('error updating, will retry', fields);
    metrics.queueRetries.inc();
    queue.addAfter(key, delayMs);
  }

  #pauseMs(failures: number, fastRetries: number): number {
    const isFast = failures <= fastRetries;
    const { jitter } = this.#deps;
    return isFast
      ? backoffDelayMs(FAST, failures, jitter)
      : backoffDelayMs(SLOW, failures - fastRetries, jitter);
  }

  /** What made an object fail may have gone for many at once, which should not wait for one another. */
  retry(key: ObjectKey): void {
    this.#failed.delete(keyText(key));
    this.#deps.queue.add(key);
  }

  #retryWaiting(): void {
    for (const key of this.#waitingForKey.values()) this.retry(key);
    this.#waitingForKey.clear();
  }
}
