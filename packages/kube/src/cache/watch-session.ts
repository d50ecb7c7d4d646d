import type { ApiClient, KubeObject, ListQuery, ResourceType } from '../client/types.ts';
import type { Jitter, MonotonicClock } from '../time/clock.ts';
import { isExpired } from '../transport/api-failure.ts';
import { statusError } from '../transport/response.ts';
import { isOlder } from './resource-version.ts';

/** One watch from `resourceVersion` on, and what to do with its events. */
export interface WatchPlan {
  readonly client: ApiClient;
  readonly resource: ResourceType;
  readonly query: ListQuery;
  readonly resourceVersion: string;
  readonly clock: MonotonicClock;
  readonly jitter: Jitter;
  /** Milliseconds of silence after which the connection counts as dead. */
  readonly idleLimitMs: number;
  /** Milliseconds after which the watch ends by itself. */
  readonly lifetimeMs: number;
  readonly onObject: (type: 'changed' | 'deleted', object: KubeObject) => void;
  /** How far the watch has come; called for bookmarks too. */
  readonly onProgress: (resourceVersion: string) => void;
}

/** Why a watch ended without an error: continue from its position, list again, or list again as planned. */
export type WatchEnd = 'resume' | 'relist' | 'life-over';

/**
 * Server-side life of a watch in seconds: 5 to 10 minutes, random so that watches do not all end together.
 */
const MIN_TIMEOUT_SECONDS = 300;

/**
 * Follows one watch to its end. @throws the errors of ApiClient, and the error of an ERROR event other than
 * 410
 */
export async function runWatch(plan: WatchPlan, signal: AbortSignal): Promise<WatchEnd> {
  const guard = new SilenceGuard(plan);
  const stop = (): void => guard.abort();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await followEvents(plan, guard);
  } catch (error) {
    if (isExpired(error)) return 'relist';
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    guard.dispose();
  }
}

async function followEvents(plan: WatchPlan, guard: SilenceGuard): Promise<WatchEnd> {
  const timeoutSeconds = Math.floor(MIN_TIMEOUT_SECONDS * (1 + plan.jitter()));
  const { resourceVersion } = plan;
  const query = { ...plan.query, resourceVersion, timeoutSeconds, allowWatchBookmarks: true };
  let position = resourceVersion;
  for await (const { type, object } of plan.client.watch(plan.resource, query, guard.signal)) {
    guard.feed();
    if (type === 'ERROR') throw errorOf(object);
    const version = object.metadata.resourceVersion ?? position;
    // A bookmark promises that everything up to it was sent. A bookmark older than the position comes from a
    // server that went back in time (restored from a backup): its next events may not connect to what was
    // seen.
    if (type === 'BOOKMARK' && isOlder(version, position)) return 'relist';
    if (!isOlder(version, position)) position = version;
    if (type !== 'BOOKMARK') plan.onObject(type === 'DELETED' ? 'deleted' : 'changed', object);
    plan.onProgress(position);
  }
  return guard.isLifeOver ? 'life-over' : 'resume';
}

function errorOf(status: KubeObject): Error {
  return statusError(status, { method: 'GET', path: 'watch', status: 500 });
}

/** Aborts a watch that has become silent, or whose life is over. */
class SilenceGuard {
  readonly #plan: WatchPlan;
  readonly #controller = new AbortController();
  readonly #cancelLife: () => void;
  #cancelSilence: () => void;
  #fedMs: number;
  isLifeOver = false;

  constructor(plan: WatchPlan) {
    this.#plan = plan;
    this.#fedMs = plan.clock.now();
    this.#cancelSilence = plan.clock.after(plan.idleLimitMs, () => this.#check());
    this.#cancelLife = plan.clock.after(plan.lifetimeMs, () => {
      this.isLifeOver = true;
      this.abort();
    });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  feed(): void {
    this.#fedMs = this.#plan.clock.now();
  }

  abort(): void {
    this.#controller.abort();
  }

  dispose(): void {
    this.#cancelSilence();
    this.#cancelLife();
  }

  #check(): void {
    const remainingMs = this.#fedMs + this.#plan.idleLimitMs - this.#plan.clock.now();
    if (remainingMs <= 0) this.abort();
    else this.#cancelSilence = this.#plan.clock.after(remainingMs, () => this.#check());
  }
}
