// Over 200 lines: one loop of list and watch, read top to bottom.
import type { ApiClient, KubeObject, ListQuery, ResourceType } from '../client/types.ts';
import type { Logger } from '../logger.ts';
import { backoffDelayMs, SERVER_BACKOFF } from '../time/backoff.ts';
import { type Jitter, type MonotonicClock, sleep, systemClock } from '../time/clock.ts';
import { apiFailureOf, MAX_RETRY_AFTER_MS } from '../transport/api-failure.ts';
import { listAll } from './full-list.ts';
import { isOlder } from './resource-version.ts';
import { type Change, ObjectStore, textOf } from './store.ts';
import { shareTexts } from './text-pool.ts';
import { deepFreeze, type Transform, withoutBookkeeping, withoutExcess } from './transform.ts';
import type { ChangeListener, Informer, Lister } from './types.ts';
import { runWatch, type WatchEnd } from './watch-session.ts';

/** What an informer follows and where it reports; times are milliseconds. */
export interface InformerOptions {
  readonly client: ApiClient;
  readonly resource: ResourceType;
  readonly query?: ListQuery;
  /** What to keep of each object; `withoutBookkeeping` by default. */
  readonly transform?: Transform;
  readonly onChange?: ChangeListener;
  /**
   * Called after each full list, once its changes are reported. Objects created and deleted between two lists
   * are not reported.
   */
  readonly onListed?: () => void;
  /** Called with the number of objects that cannot be read as they are now, each time it changes. */
  readonly onUnreadable?: (count: number) => void;
  /** Called when list or watch begin to fail, and when the watch works again. */
  readonly onFailing?: (isFailing: boolean) => void;
  readonly logger?: Logger;
  readonly clock?: MonotonicClock;
  readonly jitter?: Jitter;
  /** Objects per page of a list; 500. */
  readonly pageSize?: number;
  /**
   * A watch that is silent for this long is opened again; 3 minutes. Servers send a bookmark about every
   * minute.
   */
  readonly idleLimitMs?: number;
  /** How often to compare with a full list even if nothing seems wrong; 1 hour. */
  readonly relistPeriodMs?: number;
}

const IDLE_LIMIT_MS = 180_000;
const RELIST_PERIOD_MS = 3_600_000;
/**
 * A watch shorter than this is a failure. Otherwise a server that ends each watch at once would be asked
 * without pause.
 */
const SHORTEST_WATCH_MS = 1_000;
/**
 * Failed watches in a row after which a list is tried: the server may no longer understand the
 * resourceVersion.
 */
const WATCH_FAILURES_BEFORE_LIST = 3;
/** How often to retry a list that is older than what was already seen before accepting it. */
const MAX_STALE_LISTS = 3;
/** A watch that lived this long ends a series of failures. A list older than this may be repeated at once. */
const CALM_MS = 10_000;

/** Makes an informer; it does nothing until `start`. */
export function createInformer(options: InformerOptions): Informer {
  return new ListWatchInformer(options);
}

class ListWatchInformer implements Informer {
  readonly #options: InformerOptions;
  readonly #clock: MonotonicClock;
  readonly #jitter: Jitter;
  readonly #store = new ObjectStore();
  readonly #texts = new Map<string, string>();
  readonly #transform: Transform;
  /** Where the watch continues; undefined if a list must come first. */
  #position: string | undefined;
  /** The newest resourceVersion ever seen. */
  #newestSeen = '';
  #staleLists = 0;
  /** Failures in a row, for the backoff. Only a working watch ends the series, not a list. */
  #failures = 0;
  #watchFailures = 0;
  #listedMs = 0;
  /** When the loop last took a step, or plans to take the next one. */
  #stepMs: number;
  #onSynced: () => void = () => undefined;
  readonly #unreadable = new Set<string>();

  constructor(options: InformerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#jitter = options.jitter ?? Math.random;
    this.#transform = options.transform ?? withoutBookkeeping;
    this.#stepMs = this.#clock.now();
  }

  get lister(): Lister {
    return this.#store;
  }

  get stalledMs(): number {
    return Math.max(0, this.#clock.now() - this.#stepMs);
  }

  start(signal: AbortSignal): Promise<void> {
    const synced = new Promise<void>((resolve, reject) => {
      this.#onSynced = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal.aborted) reject(signal.reason);
    });
    void this.#run(signal);
    return synced;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#stepMs = this.#clock.now();
      try {
        await this.#listOrWatch(signal);
      } catch (error) {
        if (!signal.aborted) await this.#backOff(error, signal);
      }
    }
  }

  async #listOrWatch(signal: AbortSignal): Promise<void> {
    if (this.#position === undefined) return this.#relist();
    const startedMs = this.#clock.now();
    try {
      const end = await this.#watch(this.#position, signal);
      if (end !== 'resume') this.#position = undefined;
      if (end === 'life-over') return;
      const now = this.#clock.now();
      const isTooSoon =
        end === 'relist' ? now - this.#listedMs < CALM_MS : now - startedMs < SHORTEST_WATCH_MS;
      if (isTooSoon && !signal.aborted) throw new Error('the watch ended at once');
    } catch (error) {
      if (this.#clock.now() - startedMs >= CALM_MS) this.#forgetFailures();
      this.#watchFailures += 1;
      if (this.#watchFailures >= WATCH_FAILURES_BEFORE_LIST) this.#position = undefined;
      throw error;
    }
  }

  #watch(resourceVersion: string, signal: AbortSignal): Promise<WatchEnd> {
    const plan = {
      ...this.#source(),
      resourceVersion,
      clock: this.#clock,
      jitter: this.#jitter,
      idleLimitMs: this.#options.idleLimitMs ?? IDLE_LIMIT_MS,
      lifetimeMs: Math.max(0, this.#listedMs + this.#relistPeriodMs() - this.#clock.now()),
      onObject: (type: 'changed' | 'deleted', object: KubeObject) => this.#apply(type, object),
      onProgress: (position: string) => this.#progress(position),
    };
    return runWatch(plan, signal);
  }

  async #relist(): Promise<void> {
    const seen = new Set<string>();
    const list = await listAll({
      ...this.#source(),
      pageSize: this.#options.pageSize ?? 500,
      transform: (object) => {
        seen.add(textOf(object));
        return this.#keep(object);
      },
      onPage: () => this.#showLife(),
    });
    this.#refuseStale(list.resourceVersion);
    for (const each of [...this.#unreadable].filter((text) => !seen.has(text))) this.#setReadable(each, true);
    this.#listedMs = this.#clock.now();
    this.#position = list.resourceVersion;
    this.#newestSeen = list.resourceVersion;
    this.#watchFailures = 0;
    for (const change of this.#store.replaceAll(list.items)) this.#tell(change);
    this.#guard(() => this.#options.onListed?.());
    this.#onSynced();
  }

  /**
   * A list that is older than what was seen is either stale (another server lags behind) or true (etcd was
   * restored from a backup). Stale lists pass, so this retries a few times with backoff. Then it accepts the
   * list, even if that takes objects back to older versions.
   */
  #refuseStale(resourceVersion: string): void {
    if (!isOlder(resourceVersion, this.#newestSeen) || this.#staleLists >= MAX_STALE_LISTS) {
      this.#staleLists = 0;
      return;
    }
    this.#staleLists += 1;
    throw new Error('the list is older than what was seen before');
  }

  #apply(type: 'changed' | 'deleted', object: KubeObject): void {
    const kept = this.#keep(object);
    if (type === 'deleted') this.#setReadable(textOf(object), true);
    if (!kept) return;
    const change = type === 'deleted' ? this.#store.remove(kept) : this.#store.upsert(kept);
    if (change) this.#tell(change);
  }

  /**
   * What the cache must hold of an object. If the object cannot be read, the cache keeps what it held before,
   * so the object affects only itself.
   */
  #keep(object: KubeObject): KubeObject | undefined {
    try {
      const kept = deepFreeze(shareTexts(withoutExcess(this.#transform(object)), this.#texts));
      this.#setReadable(textOf(object), true);
      return kept;
    } catch (error) {
      const { namespace = '', name = '' } = object.metadata;
      this.#options.logger?.log('error', 'object cannot be read', { namespace, name, error });
      this.#setReadable(textOf(object), false);
      return this.#store.get({ namespace, name });
    }
  }

  #setReadable(text: string, isReadable: boolean): void {
    const before = this.#unreadable.size;
    if (isReadable) this.#unreadable.delete(text);
    else this.#unreadable.add(text);
    if (this.#unreadable.size !== before) this.#options.onUnreadable?.(this.#unreadable.size);
  }

  #progress(resourceVersion: string): void {
    this.#position = resourceVersion;
    if (!isOlder(resourceVersion, this.#newestSeen)) this.#newestSeen = resourceVersion;
    this.#forgetFailures();
    this.#showLife();
  }

  #tell(change: Change): void {
    this.#guard(() => this.#options.onChange?.(change));
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#options.logger?.log('error', 'change listener failed', { error });
    }
  }

  async #backOff(error: unknown, signal: AbortSignal): Promise<void> {
    if (this.#failures === 0) this.#options.onFailing?.(true);
    this.#failures += 1;
    const failure = apiFailureOf(error);
    const asked = Math.min(failure?.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS) * (1 + 0.2 * this.#jitter());
    const retryInMs = Math.round(
      Math.max(asked, backoffDelayMs(SERVER_BACKOFF, this.#failures, this.#jitter)),
    );
    const reason = error instanceof Error ? error.message : String(error);
    const { status, reason: code } = failure ?? {};
    const { plural } = this.#options.resource;
    this.#options.logger?.log('warn', 'list or watch failed', { plural, reason, status, code, retryInMs });
    this.#stepMs = this.#clock.now() + retryInMs;
    await sleep(this.#clock, retryInMs, signal);
  }

  #relistPeriodMs(): number {
    const periodMs = this.#options.relistPeriodMs ?? RELIST_PERIOD_MS;
    return periodMs * (1 - 0.1 * this.#jitter());
  }

  #forgetFailures(): void {
    if (this.#failures > 0) this.#options.onFailing?.(false);
    this.#failures = 0;
    this.#watchFailures = 0;
  }

  #showLife(): void {
    this.#stepMs = this.#clock.now();
  }

  #source(): { client: ApiClient; resource: ResourceType; query: ListQuery } {
    const { client, resource, query = {} } = this.#options;
    return { client, resource, query };
  }
}
