import { type BackoffPolicy, backoffDelayMs } from './backoff.ts';
import { systemClock } from './clock.ts';
import { DelayQueue } from './delay-queue.ts';
import type { Jitter, MonotonicClock, ObjectKey, WorkQueue } from './ports.ts';

/** Told what the queue does, for metrics; every duration is in milliseconds. */
export interface WorkQueueHooks {
  onDepth?(depth: number): void;
  onAdd?(): void;
  onRetry?(): void;
  /** How long a key waited between being ready and being handed out. */
  onLatency?(latencyMs: number): void;
  /** How long a key was worked on. */
  onWorkDuration?(durationMs: number): void;
}

/** What a queue needs; each part has a default. */
export interface WorkQueueOptions {
  readonly clock?: MonotonicClock;
  readonly jitter?: Jitter;
  /** Backoff of one key; 5 ms doubling to 5 minutes by default. */
  readonly backoff?: BackoffPolicy;
  readonly hooks?: WorkQueueHooks;
}

const ITEM_BACKOFF: BackoffPolicy = { baseMs: 5, capMs: 300_000, spread: 0.2 };

/** Makes a queue with client-go's rules: a key added while it is being worked on comes again after `done`. */
export function createWorkQueue(options: WorkQueueOptions = {}): WorkQueue {
  return new DeduplicatingQueue(options);
}

class DeduplicatingQueue implements WorkQueue {
  readonly #clock: MonotonicClock;
  readonly #jitter: Jitter;
  readonly #backoff: BackoffPolicy;
  readonly #hooks: WorkQueueHooks;
  readonly #delayed: DelayQueue;
  /** Ready keys in order of arrival, with the moment they became ready. */
  readonly #ready = new Map<string, number>();
  /** Keys being worked on, with the moment the work began. */
  readonly #processing = new Map<string, number>();
  /** Keys added again while being worked on. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #waiters: ((key: ObjectKey | undefined) => void)[] = [];
  #isShutDown = false;

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#jitter = options.jitter ?? Math.random;
    this.#backoff = options.backoff ?? ITEM_BACKOFF;
    this.#hooks = options.hooks ?? {};
    this.#delayed = new DelayQueue(this.#clock, (item) => this.#add(item));
  }

  get length(): number {
    return this.#ready.size;
  }

  add(key: ObjectKey): void {
    this.#add(toText(key));
  }

  addRateLimited(key: ObjectKey): void {
    const text = toText(key);
    const failures = (this.#failures.get(text) ?? 0) + 1;
    this.#failures.set(text, failures);
    this.addAfter(key, backoffDelayMs(this.#backoff, failures, this.#jitter));
  }

  addAfter(key: ObjectKey, delayMs: number): void {
    if (this.#isShutDown) return;
    this.#hooks.onRetry?.();
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(toText(key), delayMs);
  }

  forget(key: ObjectKey): void {
    this.#failures.delete(toText(key));
  }

  retries(key: ObjectKey): number {
    return this.#failures.get(toText(key)) ?? 0;
  }

  next(): Promise<ObjectKey | undefined> {
    const key = this.#take();
    if (key || this.#isShutDown) return Promise.resolve(key);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  done(key: ObjectKey): void {
    const text = toText(key);
    const startedMs = this.#processing.get(text);
    if (startedMs === undefined) return;
    this.#processing.delete(text);
    this.#hooks.onWorkDuration?.(this.#clock.now() - startedMs);
    if (this.#again.delete(text)) this.#makeReady(text);
  }

  shutDown(): void {
    this.#isShutDown = true;
    this.#delayed.clear();
    for (const resolve of this.#waiters.splice(0)) resolve(undefined);
  }

  #add(text: string): void {
    if (this.#isShutDown || this.#ready.has(text) || this.#again.has(text)) return;
    this.#hooks.onAdd?.();
    if (this.#processing.has(text)) this.#again.add(text);
    else this.#makeReady(text);
  }

  #makeReady(text: string): void {
    this.#ready.set(text, this.#clock.now());
    this.#hooks.onDepth?.(this.#ready.size);
    this.#waiters.shift()?.(this.#take());
  }

  #take(): ObjectKey | undefined {
    const first = this.#ready.entries().next();
    if (first.done) return undefined;
    const [text, readyMs] = first.value;
    const now = this.#clock.now();
    this.#ready.delete(text);
    this.#processing.set(text, now);
    this.#hooks.onDepth?.(this.#ready.size);
    this.#hooks.onLatency?.(now - readyMs);
    return toKey(text);
  }
}

/** Names and namespaces hold no slash (RFC 1123), so one separates them without doubt. */
function toText(key: ObjectKey): string {
  return `${key.namespace}/${key.name}`;
}

function toKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
