import type { KeyRing } from '@fuin/crypto-core';
import { describeError } from '../describe-error.ts';
import type { ObjectKey, WorkQueue } from '../kube/ports.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { failureRow } from './failures.ts';
import { Lanes } from './lanes.ts';
import { retryDelayMs } from './retry.ts';

/** Longest wait a server may ask for. */
const LONGEST_ASKED_MS = 300_000;

/** What workers need. */
export interface WorkerDeps {
  readonly queue: WorkQueue;
  /** One pass; `retries` counts how often in a row the object came back. */
  readonly reconcile: (key: ObjectKey, retries: number) => Promise<void>;
  /** Whose slow work a pass is, such as rendering templates; undefined for ordinary work. */
  readonly laneOf: (key: ObjectKey) => string | undefined;
  readonly keys: { readonly keyRing: KeyRing; onChange(listener: () => void): void };
  readonly maxFastRetries: number;
  readonly concurrency: number;
  /** Milliseconds that the server asked to wait with this refusal, if it did. */
  readonly retryAfterMs: (error: unknown) => number | undefined;
  readonly jitter: () => number;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'unsealRequests' | 'reconcileDuration' | 'queueRetries'>;
}

/** Takes keys off the queue, several at once, and decides by the kind of failure whether and when each comes back. */
export class Workers {
  readonly #deps: WorkerDeps;
  readonly #lanes: Lanes;
  readonly #failures = new Map<string, number>();
  /** Objects that no key opened: they come back when a key is added. */
  readonly #waitingForKey = new Map<string, ObjectKey>();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    // two passes keep one lane's thread busy; half of the workers are never in any lane
    this.#lanes = new Lanes({ perLane: 2, total: Math.max(1, Math.floor(deps.concurrency / 2)) });
    deps.keys.onChange(() => this.#retryWaiting());
  }

  /** Works until the queue is shut down; after `stop` aborts only what is in hand is finished. */
  async run(stop: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: this.#deps.concurrency }, () => this.#work(stop)));
  }

  async #work(stop: AbortSignal): Promise<void> {
    const { queue } = this.#deps;
    for (let key = await queue.next(); key && !stop.aborted; key = await queue.next()) {
      const lane = this.#laneOf(key);
      if (lane === undefined) await this.#pass(key);
      else if (this.#lanes.enter(lane, key)) await this.#passLane({ lane, key }, stop);
    }
  }

  /** An object of which no lane can be told is ordinary work: its pass meets what is wrong with it. */
  #laneOf(key: ObjectKey): string | undefined {
    try {
      return this.#deps.laneOf(key);
    } catch {
      return undefined;
    }
  }

  /** A parked key stays in the queue's care as one being worked on, so that it is never worked on twice. */
  async #passLane(
    first: { readonly lane: string; readonly key: ObjectKey },
    stop: AbortSignal,
  ): Promise<void> {
    let next: typeof first | undefined = first;
    while (next && !stop.aborted) {
      await this.#pass(next.key);
      next = this.#lanes.leave(next.lane);
    }
  }

  async #pass(key: ObjectKey): Promise<void> {
    const { queue, reconcile, keys, metrics } = this.#deps;
    const { keyRing } = keys;
    const text = textOf(key);
    const stopTimer = metrics.reconcileDuration.startTimer();
    metrics.unsealRequests.inc();
    this.#waitingForKey.delete(text);
    try {
      await reconcile(key, this.#failures.get(text) ?? 0);
      this.#failures.delete(text);
      stopTimer({ outcome: 'ok' });
    } catch (error) {
      stopTimer({ outcome: failureRow(error).reason });
      this.#comeBack(key, error, keyRing);
    }
    queue.done(key);
  }

  #comeBack(key: ObjectKey, error: unknown, triedKeyRing: KeyRing): void {
    const { queue, keys } = this.#deps;
    const { retry } = failureRow(error);
    const text = textOf(key);
    if (retry === 'back-off' || retry === 'slow') {
      this.#backOff(key, error);
      return;
    }
    this.#failures.delete(text);
    if (retry === 'change') return;
    if (keys.keyRing === triedKeyRing) this.#waitingForKey.set(text, key);
    else queue.add(key); // a key came while the others were tried
  }

  #backOff(key: ObjectKey, error: unknown): void {
    const { queue, maxFastRetries, retryAfterMs, jitter, log, metrics } = this.#deps;
    const failures = (this.#failures.get(textOf(key)) ?? 0) + 1;
    this.#failures.set(textOf(key), failures);
    const fastRetries = failureRow(error).retry === 'slow' ? 0 : maxFastRetries;
    const askedMs = Math.min(LONGEST_ASKED_MS, retryAfterMs(error) ?? 0) * (1 + 0.2 * jitter());
    const delayMs = Math.max(askedMs, retryDelayMs(failures, fastRetries, jitter()));
    const fields = { ...key, failures, delayMs: Math.round(delayMs), ...describeError(error) };
    log.warn('error updating, will retry', fields);
    metrics.queueRetries.inc();
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
