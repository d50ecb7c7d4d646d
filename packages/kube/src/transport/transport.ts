import type { Dispatcher } from 'undici';
import type { AuthorizationHeaders, ServerAccess } from '../access/server-access.ts';
import { type MonotonicClock, systemClock } from '../time/clock.ts';
import { createThrottle, type Rate } from '../time/rate-limiter.ts';
import { routeTo } from './agent.ts';
import { ApiFailure, apiError } from './api-failure.ts';
import { Pool } from './pool.ts';
import { readJson, refusalOf } from './response.ts';

/** One request; `path` includes the query. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Accept header; `application/json` by default. */
  readonly accept?: string;
  /** Instead of the transport's own. */
  readonly timeoutMs?: number;
  /** The request is for a Secret: errors repeat of a refusal only what cannot quote a value. */
  readonly isSecret?: boolean;
}

/** Limits of the transport; each has a default. */
export interface TransportOptions {
  readonly clock?: MonotonicClock;
  /** Client-side limit; none by default, the server's priority and fairness does better. */
  readonly rate?: Rate;
  readonly userAgent?: string;
  /** Connections at most; 64. */
  readonly connections?: number;
  /** 10 s, and no longer than a request may take. */
  readonly connectTimeoutMs?: number;
  /** From sending a request to the end of its answer; 30 s. Of a watch only the headers count. */
  readonly requestTimeoutMs?: number;
  /** Size of an answer, or of one line of a watch; 64 MiB. */
  readonly maxBytes?: number;
  /** Proxies and authorities of the system; the environment of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const JSON_TYPE = 'application/json';

interface Answer {
  readonly response: Dispatcher.ResponseData;
  readonly finish: () => void;
}

/** Sends requests over one shared pool of connections, authenticates them and turns refusals into errors. */
export class Transport {
  readonly maxBytes: number;
  readonly #access: ServerAccess;
  readonly #origin: string;
  readonly #basePath: string;
  readonly #clock: MonotonicClock;
  readonly #throttle: () => Promise<void>;
  readonly #userAgent: string;
  readonly #timeoutMs: number;
  readonly #pool: Pool;
  readonly #isProxied: boolean;

  /** @throws ERR_USAGE for a proxy that cannot be used */
  constructor(access: ServerAccess, options: TransportOptions) {
    const { origin, pathname } = new URL(access.server);
    this.#access = access;
    this.#origin = origin;
    this.#basePath = pathname.replace(/\/$/, '');
    this.#clock = options.clock ?? systemClock;
    this.#throttle = createThrottle(options.rate, this.#clock);
    this.#userAgent = options.userAgent ?? 'fuin';
    this.#timeoutMs = options.requestTimeoutMs ?? 30_000;
    this.maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    const { connections = 64, connectTimeoutMs = Math.min(10_000, this.#timeoutMs) } = options;
    const { env = process.env } = options;
    const pingMs = Math.ceil(this.#timeoutMs / 3); // two PINGs find a dead connection before requests give up
    const route = routeTo(access, env);
    this.#isProxied = route.proxy !== undefined;
    this.#pool = new Pool(route, { connections, connectTimeoutMs, pingMs, env });
  }

  /** The answer's JSON. @throws the errors of ApiClient */
  async send(request: ApiRequest): Promise<unknown> {
    try {
      return await this.#sendOnce(request);
    } catch (error) {
      if (request.method !== 'GET' || !isLostConnection(error)) throw networkError(error);
      return await this.#sendOnce(request).catch((again: unknown) => Promise.reject(networkError(again)));
    }
  }

  /** The answer's body as it comes, until `signal` aborts. @throws the errors of ApiClient */
  async stream(request: ApiRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    try {
      const { response, finish } = await this.#open(request, signal);
      finish();
      return response.body;
    } catch (error) {
      throw networkError(error);
    }
  }

  /** Breaks every connection. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  async #sendOnce(request: ApiRequest): Promise<unknown> {
    const { response, finish } = await this.#open(request);
    try {
      return await readJson(response.body, this.maxBytes);
    } finally {
      finish();
    }
  }

  /** Resolves with a 2xx answer whose body is still to come; `finish` ends its deadline. */
  async #open(request: ApiRequest, signal?: AbortSignal): Promise<Answer> {
    await this.#throttle();
    let answer = await this.#exchange(request, await this.#access.authorization(), signal);
    if (answer.response.statusCode === 401) {
      answer.finish();
      answer.response.body.destroy();
      const authorization = await this.#access.authorization(true);
      await this.#renewCertificate();
      answer = await this.#exchange(request, authorization, signal);
    }
    if (answer.response.statusCode < 300) return answer;
    try {
      throw await refusalOf(answer.response, request);
    } finally {
      answer.finish();
    }
  }

  /** A connection keeps its first client certificate; after a refusal, new ones show the present one. */
  async #renewCertificate(): Promise<void> {
    const { agent } = this.#pool;
    if ((await this.#access.tls()).cert !== undefined) this.#pool.retire(agent);
  }

  async #exchange(
    request: ApiRequest,
    authorization: AuthorizationHeaders,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const { agent } = this.#pool;
    const deadline = new AbortController();
    const cancel = this.#clock.after(request.timeoutMs ?? this.#timeoutMs, () => {
      this.#pool.retire(agent);
      deadline.abort(new ApiFailure(0, 'Timeout'));
    });
    try {
      const dispatcher = await agent;
      const response = await dispatcher.request({
        origin: this.#origin,
        path: this.#basePath + request.path,
        method: request.method,
        headers: this.#headers(request, authorization),
        body: request.body === undefined ? null : JSON.stringify(request.body),
        signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      response.body.on('error', () => undefined); // readers see the error; without a reader nothing may crash
      return { response, finish: cancel };
    } catch (error) {
      cancel();
      if (this.#isProxied && !signal?.aborted) this.#pool.retire(agent); // it has the CA of its first day
      throw error;
    }
  }

  #headers(request: ApiRequest, authorization: AuthorizationHeaders): Record<string, string | string[]> {
    const { accept = JSON_TYPE } = request;
    const headers = { accept, 'user-agent': this.#userAgent, ...authorization };
    if (request.body === undefined) return headers;
    return { ...headers, 'content-type': request.contentType ?? JSON_TYPE };
  }
}

/** A connection that broke before an answer came, as when the server closes an idle one while we send. */
function isLostConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

function networkError(error: unknown): unknown {
  if (error instanceof Error && error.cause instanceof ApiFailure) return error;
  if (error instanceof ApiFailure) return apiError('the API server did not answer in time', error);
  const code = codeOf(error);
  if (code === '') return error;
  const text = error instanceof Error ? error.message : String(error);
  return apiError(`cannot talk to the API server: ${text}`, new ApiFailure(0, code));
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'AbortError') return 'Aborted';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
