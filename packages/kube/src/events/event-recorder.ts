// Over 200 lines: aggregation, rate limit and retry share the state of one event.
import { randomBytes } from 'node:crypto';
import type { ApiClient, ObjectKey, ResourceType } from '../client/types.ts';
import type { Logger } from '../logger.ts';
import { RecentMap } from '../recent-map.ts';
import { backoffDelayMs, SERVER_BACKOFF } from '../time/backoff.ts';
import { type Jitter, type MonotonicClock, sleep, systemClock } from '../time/clock.ts';
import { TokenBucket } from '../time/rate-limiter.ts';
import { apiFailureOf, MAX_RETRY_AFTER_MS, TERMINATING } from '../transport/api-failure.ts';
import type { EventRecorder, EventTarget } from './types.ts';

/** What records events, and with which settings. */
export const EVENTS: ResourceType = { group: '', version: 'v1', plural: 'events' };

/** Who records, and with what. */
export interface EventRecorderOptions {
  readonly client: ApiClient;
  /** `source.component` of every event. */
  readonly component: string;
  /** Wall-clock time for the timestamps of events. */
  readonly now?: () => Date;
  readonly clock?: MonotonicClock;
  readonly jitter?: Jitter;
  readonly logger?: Logger;
  /** Whether more important work waits than reporting. Then events wait too, unless there are many. */
  readonly isBusy?: () => boolean;
}

/** client-go's spam filter: 25 events about one object at once, then one per 5 minutes. */
const RATE_PER_OBJECT = { burst: 25, perSecond: 1 / 300 };
const MAX_OBJECTS = 4_096;
const MAX_PENDING = 10_000;
const MAX_MESSAGE_BYTES = 1_024;
const MAX_ATTEMPTS = 4;
const LANES = 4;
/** This many events wait for a busy controller. More are written beside its work. */
const MAX_DEFERRED = MAX_PENDING / 10;
const BUSY_CHECK_MS = 100;

/** What an Event keeps of its target: a series must not keep whole objects in memory. */
type InvolvedObject = ReturnType<typeof referenceTo>;

/** One kind of event about one object, with its repeats since the first write. */
interface Series {
  readonly involvedObject: InvolvedObject;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly firstTimestamp: string;
  lastTimestamp: string;
  count: number;
  /** The Event that holds the series, once written. */
  written?: ObjectKey;
}

/** Makes a recorder that writes in the background, a few events at a time, each series in order. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new BackgroundRecorder(options);
}

class BackgroundRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: MonotonicClock;
  readonly #series = new RecentMap<Series>(MAX_OBJECTS);
  readonly #buckets = new RecentMap<TokenBucket>(MAX_OBJECTS);
  /** Series with something to write. */
  readonly #pending = new Map<string, Series>();
  readonly #writing = new Set<string>();
  #flushed: PromiseWithResolvers<void> | undefined;
  #isLookingAgain = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  record(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const { uid = '', namespace = '', name = '' } = target.metadata;
    const object = `${target.kind}/${namespace}/${name}/${uid}`;
    const bucket = this.#buckets.getOrAdd(object, () => new TokenBucket(RATE_PER_OBJECT, this.#clock.now()));
    if (!bucket.tryTake(this.#clock.now())) return;
    const text = truncate(message, MAX_MESSAGE_BYTES);
    const id = JSON.stringify([object, type, reason, text]);
    if (!this.#pending.has(id) && this.#pending.size >= MAX_PENDING) {
      this.#options.logger?.log('warn', 'event dropped, too many are waiting', { reason });
      return;
    }
    const now = (this.#options.now?.() ?? new Date()).toISOString().replace(/\.\d+Z$/, 'Z');
    const series = this.#series.getOrAdd(id, () => {
      const times = { firstTimestamp: now, lastTimestamp: now };
      return { involvedObject: referenceTo(target), type, reason, message: text, ...times, count: 0 };
    });
    series.count += 1;
    series.lastTimestamp = now;
    this.#pending.set(id, series);
    this.#startWriting();
  }

  flush(): Promise<void> {
    if (this.#pending.size === 0 && this.#writing.size === 0) return Promise.resolve();
    this.#flushed ??= Promise.withResolvers<void>();
    this.#startWriting();
    return this.#flushed.promise;
  }

  #startWriting(): void {
    if (this.#mustWait()) {
      this.#lookAgain();
      return;
    }
    for (const [id, series] of this.#pending) {
      if (this.#writing.size >= LANES) return;
      if (this.#writing.has(id)) continue;
      this.#pending.delete(id);
      this.#writing.add(id);
      void this.#write(series).finally(() => {
        this.#writing.delete(id);
        this.#startWriting();
      });
    }
    if (this.#pending.size > 0 || this.#writing.size > 0) return;
    this.#flushed?.resolve();
    this.#flushed = undefined;
  }

  #mustWait(): boolean {
    const { isBusy } = this.#options;
    return (
      !this.#flushed && this.#pending.size > 0 && this.#pending.size <= MAX_DEFERRED && isBusy?.() === true
    );
  }

  #lookAgain(): void {
    if (this.#isLookingAgain) return;
    this.#isLookingAgain = true;
    this.#clock.after(BUSY_CHECK_MS, () => {
      this.#isLookingAgain = false;
      this.#startWriting();
    });
  }

  /** Never rejects: an event is worth a few attempts and no more. */
  async #write(series: Series): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#writeOnce(series);
      } catch (error) {
        const failure = apiFailureOf(error);
        const isTransient = failure !== undefined && !(failure.status >= 400 && failure.status < 429);
        if (failure?.reason === TERMINATING) return; // it is deleted with the namespace
        if (!isTransient || attempt === MAX_ATTEMPTS) {
          const fields = { reason: series.reason, status: failure?.status, error: String(error) };
          this.#options.logger?.log('warn', 'event not written', fields);
          return;
        }
        const delayMs = backoffDelayMs(SERVER_BACKOFF, attempt, this.#options.jitter ?? Math.random);
        const askedMs = Math.min(MAX_RETRY_AFTER_MS, failure.retryAfterMs ?? 0);
        await sleep(this.#clock, Math.max(delayMs, askedMs));
      }
    }
  }

  async #writeOnce(series: Series): Promise<void> {
    const { client } = this.#options;
    if (series.written) {
      const { count, lastTimestamp } = series;
      try {
        await client.patch(EVENTS, series.written, { count, lastTimestamp });
        return;
      } catch (error) {
        if (apiFailureOf(error)?.status !== 404) throw error;
        delete series.written; // expired on the server: start a new one
      }
    }
    const event = this.#toEvent(series);
    await client.create(EVENTS, event);
    series.written = event.metadata;
  }

  #toEvent(series: Series) {
    const { involvedObject, type, reason, message, firstTimestamp, lastTimestamp, count } = series;
    const { component } = this.#options;
    const home = involvedObject.namespace ?? 'default';
    const name = `${involvedObject.name.slice(0, 230)}.${randomBytes(8).toString('hex')}`;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: home, name },
      involvedObject,
      ...{ type, reason, message, count, firstTimestamp, lastTimestamp },
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
    };
  }
}

function referenceTo({ apiVersion, kind, metadata }: EventTarget) {
  const { name = '', namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}

/** Cuts at the boundary of a character, and marks the cut. */
function truncate(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  const cut = bytes.subarray(0, maxBytes - 3).toString('utf8');
  return `${cut.replace(/\uFFFD+$/, '')}...`;
}
