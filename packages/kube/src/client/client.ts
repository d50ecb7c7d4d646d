import type { Connection } from '../access/connection.ts';
import { ApiFailure, apiError, apiFailureOf } from '../transport/api-failure.ts';
import { splitLines } from '../transport/json-lines.ts';
import { type ApiRequest, Transport, type TransportOptions } from '../transport/transport.ts';
import { collectionPath, objectPath, queryString } from './resource-path.ts';
import {
  type ApiClient,
  FIELD_MANAGER,
  type KubeObject,
  type ListQuery,
  type ObjectKey,
  type ObjectPage,
  type PatchType,
  type Preconditions,
  type ResourceType,
  type WatchEvent,
  type WriteOptions,
} from './types.ts';

const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** A client, and others like it over the same connections. */
export interface SharedClient extends ApiClient {
  /** One for work that is in a hurry: its requests are given up after a time of their own. */
  within(timeoutMs: number): ApiClient;
}

/** Makes the client of one API server; it connects at the first request and keeps its connections until `close`. */
export function createApiClient(connection: Connection, options: TransportOptions = {}): SharedClient {
  return new HttpApiClient(new Transport(connection, options));
}

class HttpApiClient implements SharedClient {
  readonly #transport: Transport;
  readonly #limits: Pick<ApiRequest, 'timeoutMs'>;

  constructor(transport: Transport, limits: Pick<ApiRequest, 'timeoutMs'> = {}) {
    this.#transport = transport;
    this.#limits = limits;
  }

  within(timeoutMs: number): ApiClient {
    return new HttpApiClient(this.#transport, { timeoutMs });
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
    const path = collectionPath(resource, object.metadata.namespace);
    return this.#object(resource, { method: 'POST', path, body: object });
  }

  replace(resource: ResourceType, object: KubeObject, options: WriteOptions = {}): Promise<KubeObject> {
    const { namespace = '', name = '' } = object.metadata;
    const path = objectPath(resource, { namespace, name }, options.subresource);
    return this.#object(resource, { method: 'PUT', path, body: object });
  }

  async patch(
    resource: ResourceType,
    key: ObjectKey,
    patch: unknown,
    options: WriteOptions = {},
  ): Promise<KubeObject> {
    const { patchType = 'merge', subresource } = options;
    const query = patchType === 'apply' ? `?fieldManager=${FIELD_MANAGER}&force=true` : '';
    return await this.#object(resource, {
      method: 'PATCH',
      path: objectPath(resource, key, subresource) + query,
      body: patch,
      contentType: CONTENT_TYPES[patchType],
    });
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
  const all = list?.['items'] === null ? [] : list?.['items']; // null is how Go writes an empty PartialObjectMetadataList
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
