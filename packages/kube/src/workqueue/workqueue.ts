import { keyText } from '../client/key-text.ts';
import type { ObjectKey } from '../client/types.ts';
import { type MonotonicClock, systemClock } from '../time/clock.ts';
import { DelayQueue } from './delay-queue.ts';
import { FairQueue, type LaneRule } from './fair-queue.ts';
import type { WorkQueue } from './types.ts';

/** Called with what the queue does, for metrics. */
export interface WorkQueueHooks {
  onDepth?(depth: number): void;
}

/** In which lane each key is worked on, and how many keys a lane holds at once. */
export interface LanesOption<Name extends string = string> extends Pick<LaneRule<Name>, 'limits'> {
  readonly laneOf: (key: ObjectKey) => Name;
}

/** What a queue needs; each part has a default. */
export interface WorkQueueOptions<Name extends string = string> {
  readonly clock?: MonotonicClock;
  readonly hooks?: WorkQueueHooks;
  /** One lane without limits by default. */
  readonly lanes?: LanesOption<Name>;
}

const ONE_LANE: LanesOption = {
  limits: { all: { perTenant: Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY } },
  laneOf: () => 'all',
};

/**
 * Makes a queue with client-go's rules: a key added while it is being worked on comes again after `done`.
 * Unlike client-go's queue it serves namespaces by turns.
 */
export function createWorkQueue<Name extends string>(options: WorkQueueOptions<Name> = {}): WorkQueue {
  return new DeduplicatingQueue(options as WorkQueueOptions);
}

class DeduplicatingQueue implements WorkQueue {
  readonly #hooks: WorkQueueHooks;
  readonly #delayed: DelayQueue;
  readonly #turns: FairQueue<string>;
  readonly #ready = new Set<string>();
  /** Keys being worked on. */
  readonly #processing = new Set<string>();
  /** Keys added again while being worked on. */
  readonly #again = new Set<string>();
  readonly #waiters = new Set<(key: ObjectKey | undefined) => void>();
  #isShutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#hooks = options.hooks ?? {};
    this.#delayed = new DelayQueue(options.clock ?? systemClock, (item) => this.#add(item));
    const { limits, laneOf } = options.lanes ?? ONE_LANE;
    this.#turns = new FairQueue({
      limits,
      laneOf: (text) => laneOf(toKey(text)),
      tenantOf: (text) => toKey(text).namespace,
    });
  }

  get length(): number {
    return this.#ready.size;
  }

  add(key: ObjectKey): void {
    this.#add(keyText(key));
  }

  addAfter(key: ObjectKey, delayMs: number): void {
    if (this.#isShutDown) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(keyText(key), delayMs);
  }

  next(): Promise<ObjectKey | undefined> {
    const key = this.#take();
    if (key || this.#isShutDown) return Promise.resolve(key);
    return new Promise((resolve) => this.#waiters.add(resolve));
  }

  done(key: ObjectKey): void {
    const text = keyText(key);
    if (!this.#processing.delete(text)) return;
    this.#turns.leave(text);
    if (this.#again.delete(text)) this.#makeReady(text);
    else this.#serve();
  }

  shutDown(): void {
    this.#isShutDown = true;
    this.#delayed.clear();
    for (const resolve of this.#waiters) resolve(undefined);
    this.#waiters.clear();
  }

  #add(text: string): void {
    if (this.#isShutDown || this.#ready.has(text) || this.#again.has(text)) return;
    if (this.#processing.has(text)) this.#again.add(text);
    else this.#makeReady(text);
  }

  #makeReady(text: string): void {
    this.#ready.add(text);
    this.#turns.add(text);
    this.#hooks.onDepth?.(this.#ready.size);
    this.#serve();
  }

  #serve(): void {
    for (const resolve of this.#waiters) {
      const key = this.#take();
      if (!key) return;
      this.#waiters.delete(resolve);
      resolve(key);
    }
  }

  #take(): ObjectKey | undefined {
    const text = this.#turns.take();
    if (text === undefined) return undefined;
    this.#ready.delete(text);
    this.#processing.add(text);
    this.#hooks.onDepth?.(this.#ready.size);
    return toKey(text);
  }
}

/** Of what keyText made. */
function toKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
