import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { readKubeconfig } from './kubeconfig.ts';
import type { ApiList, ApiObject } from './types.ts';
import { readWatchEvents, type WatchHandle } from './watch-events.ts';

/** An answer of any status. */
export interface ApiAnswer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The parsed body; empty when it is not a JSON object. */
  readonly body: ApiObject;
}

/** What a request may carry beside method and path. */
export interface RequestOptions {
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  readonly headers?: Record<string, string>;
}

/** A failed request of one of the calls that expect success. */
export class ApiFailure extends Error {
  readonly code: number;
  readonly reason: string;
  readonly status: ApiObject;

  constructor(what: string, answer: ApiAnswer) {
    super(`${what}: ${answer.code} ${answer.text}`);
    this.code = answer.code;
    this.reason = String(answer.body['reason'] ?? '');
    this.status = answer.body;
  }
}

/** Content types of patches by short name. */
export const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/**
 * A tiny client for tests, independent of the code under test. Paths start with /api or /apis; queries may
 * follow.
 */
export interface ApiClient {
  /** Answers whatever the server answers. */
  request(method: string, path: string, options?: RequestOptions): Promise<ApiAnswer>;
  get(path: string): Promise<ApiObject>;
  list(path: string): Promise<ApiList>;
  create(path: string, object: unknown): Promise<ApiObject>;
  update(path: string, object: unknown): Promise<ApiObject>;
  patch(path: string, type: keyof typeof PATCH_TYPES, patch: unknown): Promise<ApiObject>;
  delete(path: string, options?: unknown): Promise<ApiObject>;
  /** Opens a watch; `watch=true` is added to the path. */
  watch(path: string): Promise<WatchHandle>;
  close(): void;
}

function parseBody(text: string): ApiObject {
  try {
    return JSON.parse(text) as ApiObject;
  } catch {
    return { metadata: {} };
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return { code: incoming.statusCode ?? 0, headers: incoming.headers, text, body: parseBody(text) };
}

/** Makes a client of a kubeconfig file's current context. */
export async function apiClient(kubeconfigPath: string): Promise<ApiClient> {
  const { server, ca, token, clientCertificate: cert, clientKey: key } = await readKubeconfig(kubeconfigPath);
  const agent = new Agent({ keepAlive: true, ca, cert, key });

  const open = (method: string, path: string, options: RequestOptions = {}): Promise<IncomingMessage> => {
    const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const headers: Record<string, string> = {
      Accept: options.accept ?? 'application/json',
      'User-Agent': 'fuin-test/1',
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined
        ? {}
        : {
            'Content-Type': options.contentType ?? 'application/json',
            'Content-Length': String(Buffer.byteLength(body)),
          }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${server}${path}`, { method, headers, agent }, resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  };

  const send: ApiClient['request'] = async (method, path, options) =>
    readAnswer(await open(method, path, options));

  const expectSuccess = async <Body>(
    method: string,
    path: string,
    options?: RequestOptions,
  ): Promise<Body> => {
    const answer = await send(method, path, options);
    if (answer.code < 200 || answer.code > 299) throw new ApiFailure(`${method} ${path}`, answer);
    return answer.body as Body;
  };

  return {
    request: send,
    get: (path) => expectSuccess('GET', path),
    list: (path) => expectSuccess('GET', path),
    create: (path, body) => expectSuccess('POST', path, { body }),
    update: (path, body) => expectSuccess('PUT', path, { body }),
    patch: (path, type, body) => expectSuccess('PATCH', path, { body, contentType: PATCH_TYPES[type] }),
    delete: (path, body) => expectSuccess('DELETE', path, body === undefined ? {} : { body }),
    watch: async (path) => {
      const url = `${path}${path.includes('?') ? '&' : '?'}watch=true`;
      const incoming = await open('GET', url);
      if (incoming.statusCode !== 200) throw new ApiFailure(`GET ${url}`, await readAnswer(incoming));
      return readWatchEvents(incoming);
    },
    close: () => agent.destroy(),
  };
}
