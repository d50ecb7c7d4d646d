import type { ServerAccess } from '../access/server-access.ts';
import { isRecord } from '../record.ts';
import { ApiFailure, apiError, apiFailureOf } from '../transport/api-failure.ts';
import { splitLines } from '../transport/json-lines.ts';
import { type ApiRequest, Transport, type TransportOptions } from '../transport/transport.ts';
import { collectionPath, objectPath, queryString } from './resource-path.ts';
import type {
  ApiClient,
  KubeObject,
  ListQuery,
  ObjectKey,
  ObjectPage,
  Preconditions,
  ResourceType,
  WatchEvent,
  WriteOptions,
} from './types.ts';

/** RFC 7386. */
const MERGE_PATCH = 'application/merge-patch+json';

/** A client, and others like it over the same connections. */
export interface SharedClient extends ApiClient {
  /** One for work that is in a hurry: its requests are given up after a time of their own. */
  within(timeoutMs: number): ApiClient;
}

/** Limits of the transport, and who writes. */
export interface ClientOptions extends TransportOptions {
  /**
   * Name under which the API server keeps account of what this client writes (`metadata.managedFields`);
   * without it the server takes the User-Agent up to the slash, which a proxy on the way may have rewritten.
   */
  readonly fieldManager?: string;
}

/**
 * Makes the client of one API server; it connects at the first request and keeps its connections until
 * `close`.
 *
 * @throws ERR_USAGE for a proxy that cannot be used
 */
export function createApiClient(access: ServerAccess, options: ClientOptions = {}): SharedClient {
  const { fieldManager } = options;
  const manager = fieldManager === undefined ? '' : `?${new URLSearchParams({ fieldManager })}`;
  return new HttpApiClient(new Transport(access, options), manager);
}

class HttpApiClient implements SharedClient {
  readonly #transport: Transport;
  /** Query string of each write. */
  readonly #manager: string;
  readonly #limits: Pick<ApiRequest, 'timeoutMs'>;

  constructor(transport: Transport, manager: string, limits: Pick<ApiRequest, 'timeoutMs'> = {}) {
    this.#transport = transport;
    this.#manager = manager;
    this.#limits = limits;
  }

  within(timeoutMs: number): ApiClient {
    return new HttpApiClient(this.#transport, this.#manager, { timeoutMs });
  }

  async get(resource: ResourceType, key: ObjectKey): Promise<KubeObject | undefined> {
    try {
      return await this.#object(resource, { method: 'GET', path: objectPath(resource, key) });
    } catch (error) {
      if (apiFailureOf(error)?.status === 404) return undefined;
      throw error;
    }
  }

  async list(resource: ResourceType, query: ListQuery): Promise<ObjectPage> {
    const path = collectionPath(resource, query.namespace) + queryString(query);
    const body = await this.#send(resource, { method: 'GET', path, ...acceptOf(query, 'List') });
    return toPage(body);
  }

  create(resource: ResourceType, object: KubeObject): Promise<KubeObject> {
    const path = collectionPath(resource, object.metadata.namespace) + this.#manager;
    return this.#object(resource, { method: 'POST', path, body: object });
  }

  replace(resource: ResourceType, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace = '', name = '' } = object.metadata;
    const path = objectPath(resource, { namespace, name }, options.subresource) + this.#manager;
    return this.#object(resource, { method: 'PUT', path, body: object });
  }

  async patch(
    resource: ResourceType,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<KubeObject> {
    const path = objectPath(resource, key, options.subresource) + this.#manager;
    return await this.#object(resource, { method: 'PATCH', path, body: patch, contentType: MERGE_PATCH });
  }

  async delete(resource: ResourceType, key: ObjectKey, preconditions?: Preconditions): Promise<void> {
    const body = preconditions && { apiVersion: 'v1', kind: 'DeleteOptions', preconditions };
    try {
      await this.#send(resource, { method: 'DELETE', path: objectPath(resource, key), body });
    } catch (error) {
      if (apiFailureOf(error)?.status !== 404) throw error;
    }
  }

  async *watch(resource: ResourceType, query: ListQuery, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const path = collectionPath(resource, query.namespace) + queryString(query, true);
    try {
      const request = { method: 'GET', path, ...acceptOf(query), isSecret: isSecret(resource) } as const;
      const body = await this.#transport.stream(request, signal);
      for await (const line of splitLines(body, this.#transport.maxBytes)) {
        const event = toWatchEvent(line);
        if (event) yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      throw apiFailureOf(error) ? error : brokenWatch(error);
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #object(resource: ResourceType, request: ApiRequest): Promise<KubeObject> {
    const body = await this.#send(resource, request);
    if (isKubeObject(body)) return body;
    throw apiError('the answer of the API server is not an object', new ApiFailure(0, 'NotAnObject'));
  }

  #send(resource: ResourceType, request: ApiRequest): Promise<unknown> {
    return this.#transport.send({ ...request, ...this.#limits, isSecret: isSecret(resource) });
  }
}

function isSecret({ group, plural }: ResourceType): boolean {
  return group === '' && plural === 'secrets';
}

/** What the answer may be; the second type is for servers that do not know the first. */
function acceptOf({ isMetadataOnly }: ListQuery, suffix = ''): Pick<ApiRequest, 'accept'> {
  if (!isMetadataOnly) return {};
  return { accept: `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1,application/json` };
}

/** Items of typed lists lack apiVersion and kind; the list's own say them. */
function toPage(body: unknown): ObjectPage {
  const list = isKubeObject(body) ? body : undefined;
  // null is how Go writes an empty PartialObjectMetadataList
  const all = list?.['items'] === null ? [] : list?.['items'];
  if (!list || !Array.isArray(all)) {
    throw apiError('the answer of the API server is not a list', new ApiFailure(0, 'NotAList'));
  }
  const metadata: { resourceVersion?: string; continue?: string } = list.metadata;
  const { apiVersion, kind } = list;
  const type = apiVersion && kind ? { apiVersion, kind: kind.replace(/List$/, '') } : {};
  const items = all.filter(isKubeObject).map((item) => (item.kind ? item : { ...type, ...item }));
  const page = { items, resourceVersion: metadata.resourceVersion ?? '' };
  return metadata.continue ? { ...page, continue: metadata.continue } : page;
}

function toWatchEvent(line: string): WatchEvent | undefined {
  const event: unknown = JSON.parse(line);
  if (!isRecord(event) || !isRecord(event['object'])) return undefined;
  const { type, object } = event;
  if (type === 'ERROR') return { type, object: { metadata: {}, ...object } };
  return isEventType(type) && isKubeObject(object) ? { type, object } : undefined;
}

function isEventType(type: unknown): type is WatchEvent['type'] {
  return type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED' || type === 'BOOKMARK';
}

function brokenWatch(error: unknown): Error {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : 'BrokenWatch';
  return apiError('the watch broke off', new ApiFailure(0, reason));
}

function isKubeObject(value: unknown): value is KubeObject {
  return isRecord(value) && isRecord(value['metadata']);
}
