import type { ObjectMeta } from '@fuin/crypto-core';

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
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
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

/** Optional parts of a write. */
export interface WriteOptions {
  readonly subresource?: 'status';
}

/** What a delete insists on; a mismatch is ERR_CONFLICT. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/**
 * The API server as the controller sees it. Every method rejects with ERR_API_UNAVAILABLE (no answer, 408,
 * 429, 5xx), ERR_CONFLICT (409 on write), ERR_OBJECT_TOO_LARGE (what cannot be stored) or ERR_API_REJECTED
 * (any other refusal); messages are the server's Status message, which for Secrets is stripped of values.
 */
export interface ApiClient {
  /** The object, or undefined when there is none. */
  get(resource: ResourceType, key: ObjectKey): Promise<KubeObject | undefined>;
  list(resource: ResourceType, query: ListQuery): Promise<ObjectPage>;
  create(resource: ResourceType, object: KubeObject): Promise<KubeObject>;
  /** PUT; with metadata.resourceVersion it insists on that version. */
  replace(resource: ResourceType, object: KubeObject, options?: WriteOptions): Promise<KubeObject>;
  /** A merge patch (RFC 7386). */
  patch(resource: ResourceType, key: ObjectKey, patch: unknown, options?: WriteOptions): Promise<KubeObject>;
  /** Deletes; an object that is gone already counts as deleted. */
  delete(resource: ResourceType, key: ObjectKey, preconditions?: Preconditions): Promise<void>;
  /** Yields events until the server ends the watch or `signal` aborts. */
  watch(resource: ResourceType, query: ListQuery, signal: AbortSignal): AsyncIterable<WatchEvent>;
  close(): Promise<void>;
}
