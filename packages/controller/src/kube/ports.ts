import type { ObjectMeta } from '@fuin/crypto-core';

/**
 * Name under which the API server keeps account of what this controller writes (`metadata.managedFields`). It takes it
 * from the User-Agent, up to the slash. Never renamed: it tells what an earlier version wrote.
 */
export const FIELD_MANAGER = 'sealed-secrets-controller';

/** Names one namespaced object. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** A collection of the API: group (empty for core), version and plural, as they stand in URLs. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** Any object of the API. Hostile until parsed; frozen when it comes from a lister. */
export interface KubeObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** What narrows a list or a watch. An absent namespace means all namespaces. */
export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  /** Watch only: seconds after which the server ends it. */
  readonly timeoutSeconds?: number;
  /** Watch only: asks for BOOKMARK events, which say how far the watch has come. */
  readonly allowWatchBookmarks?: boolean;
  /** Asks for the objects' metadata alone; a server that cannot do that sends whole objects. */
  readonly isMetadataOnly?: boolean;
}

/** One page of a list. */
export interface ObjectPage {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

/** One line of a watch; an ERROR carries a Status object. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** How a patch is to be understood: RFC 7386, RFC 6902 or server-side apply. */
export type PatchType = 'merge' | 'json' | 'apply';

/** Optional parts of a write. */
export interface WriteOptions {
  readonly subresource?: 'status';
  readonly patchType?: PatchType;
}

/** What a delete insists on; a mismatch is ERR_CONFLICT. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/**
 * The API server as the controller sees it. Every method rejects with ERR_API_UNAVAILABLE (no answer, 408, 429, 5xx),
 * ERR_CONFLICT (409 on write), ERR_OBJECT_TOO_LARGE (what cannot be stored) or ERR_API_REJECTED (any other refusal); messages are the server's Status message,
 * which for Secrets is stripped of values.
 */
export interface ApiClient {
  /** The object, or undefined when there is none. */
  get(resource: ResourceType, key: ObjectKey): Promise<KubeObject | undefined>;
  list(resource: ResourceType, query: ListQuery): Promise<ObjectPage>;
  create(resource: ResourceType, object: KubeObject): Promise<KubeObject>;
  /** PUT; with metadata.resourceVersion it insists on that version. */
  replace(resource: ResourceType, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  patch(resource: ResourceType, key: ObjectKey, patch: unknown, options?: WriteOptions): Promise<KubeObject>;
  /** Deletes; an object that is gone already counts as deleted. */
  delete(resource: ResourceType, key: ObjectKey, preconditions?: Preconditions): Promise<void>;
  /** Yields events until the server ends the watch or `signal` aborts. */
  watch(resource: ResourceType, query: ListQuery, signal: AbortSignal): AsyncIterable<WatchEvent>;
  close(): Promise<void>;
}

/** A cache of one collection. Objects are frozen; absent means not there or not seen yet. */
export interface Lister {
  get(key: ObjectKey): KubeObject | undefined;
  list(): Iterable<KubeObject>;
  readonly hasSynced: boolean;
}

/** Told after the cache has changed; `current` is undefined for a deletion, `previous` for an addition. */
export type ChangeListener = (change: {
  readonly current?: KubeObject;
  readonly previous?: KubeObject;
}) => void;

/** Keeps a Lister true to the server for ever: paged list, watch, bookmarks, resume, 410, backoff with jitter. */
export interface Informer {
  readonly lister: Lister;
  /** Resolves when the first full list is in the cache; rejects only when `signal` aborts first. */
  start(signal: AbortSignal): Promise<void>;
  /** Milliseconds since the server last gave any sign of life (event, bookmark, list). */
  readonly idleMs: number;
  /**
   * Milliseconds since the loop itself last took a step, planned waits not counted: for liveness. A server that is away
   * does not make it grow; more than two idle limits (6 minutes) means that the loop is stuck.
   */
  readonly stalledMs: number;
}

/** How many items may be worked on at once in a lane: of one tenant, and of all tenants together. */
export interface LaneLimits {
  readonly perTenant: number;
  readonly total: number;
}

/** A queue of keys: each key is in it once, and never worked on twice at a time; namespaces are served by turns. */
export interface WorkQueue {
  add(key: ObjectKey): void;
  /** Adds after the key's own backoff, which doubles at each call up to a cap. */
  addRateLimited(key: ObjectKey): void;
  /** Adds after a delay in milliseconds. */
  addAfter(key: ObjectKey, delayMs: number): void;
  /** Forgets the key's backoff. */
  forget(key: ObjectKey): void;
  /** How often in a row the key was added with backoff. */
  retries(key: ObjectKey): number;
  /** The next key, or undefined once the queue is shut down and drained. Call `done` after. */
  next(): Promise<ObjectKey | undefined>;
  done(key: ObjectKey): void;
  /** Lets `next` run dry: keys waiting for a delay are dropped, keys ready are still handed out as far as they have a place. */
  shutDown(): void;
  readonly length: number;
}

/** Where an event shows up. */
export interface EventTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Writes core/v1 Events; never rejects, aggregates repeats (count, lastTimestamp) and limits their rate per object. */
export interface EventRecorder {
  record(target: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Resolves when what was recorded so far is written or given up. */
  flush(): Promise<void>;
}

/** Where this room reports what a person may want to know: constant messages, facts in fields. */
export interface Logger {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields?: Readonly<Record<string, unknown>>,
  ): void;
}

/** Time as this room sees it: milliseconds that never run backwards, and timers that keep no process alive. */
export interface MonotonicClock {
  /** Milliseconds since some fixed moment; only differences mean something. */
  now(): number;
  /** Calls back once after `delayMs`; the function it returns cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

/** A source of numbers in [0, 1) that spreads retries of many processes; Math.random outside tests. */
export type Jitter = () => number;
