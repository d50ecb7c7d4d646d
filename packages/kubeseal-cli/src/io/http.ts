import { setTimeout as sleep } from 'node:timers/promises';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { TlsMaterial } from '@fuin/kube/access';
import { createAgent, failureReason, routeTo, UNKNOWN_AUTHORITY } from '@fuin/kube/transport';
import type { Dispatcher } from 'undici';
import { bounded } from './bounded.ts';

/** How a server is reached. */
export interface TransportOptions {
  readonly tls?: TlsMaterial;
  /** From the kubeconfig; without it the proxy variables of the environment count. */
  readonly proxyUrl?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For one request from start to end; 0 waits for ever. */
  readonly timeoutMs: number;
}

/** One request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** What came back; error statuses are answers too. */
export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
}

/** An answer, and how long it took from start to end, without the requests that had to be repeated. */
export interface TimedAnswer extends HttpAnswer {
  readonly tookMs: number;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const MAX_REPEATS = 10;
const MAX_PAUSE_MS = 30_000;

/**
 * Sends requests through one agent. Repeats a request that is answered with 429 or 5xx and Retry-After, up to
 * ten times, like client-go.
 */
export class Transport {
  readonly #options: TransportOptions;
  /** One agent for each proxy, and one without, each with and without TLS. */
  readonly #agents = new Map<string, Promise<Dispatcher>>();

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  /** @throws ERR_API_UNAVAILABLE when there is no answer */
  async send(url: string, { method = 'GET', headers = {}, body }: HttpRequest = {}): Promise<TimedAnswer> {
    for (let repeat = 0; ; repeat++) {
      const answer = await this.#once(url, { method, headers, ...(body === undefined ? {} : { body }) });
      const pauseMs = pauseBefore(repeat, answer.headers);
      const isTransient = answer.status === 429 || answer.status >= 500;
      if (!isTransient || !(pauseMs >= 0) || repeat === MAX_REPEATS) return answer;
      await sleep(Math.min(pauseMs, MAX_PAUSE_MS));
    }
  }

  async close(): Promise<void> {
    const agents = await Promise.allSettled(this.#agents.values());
    await Promise.all(agents.map((agent) => agent.status === 'fulfilled' && agent.value.close()));
  }

  #agentFor(url: string): Promise<Dispatcher> {
    const { tls = {}, proxyUrl, env } = this.#options;
    const access = { server: url, tls: async () => tls, ...(proxyUrl ? { proxyUrl } : {}) };
    const route = routeTo(access, env);
    const key = `${new URL(url).protocol} ${route.proxy?.href}`;
    const agent = this.#agents.get(key) ?? createAgent(route, { connectTimeoutMs: CONNECT_TIMEOUT_MS, env });
    this.#agents.set(key, agent);
    return agent;
  }

  async #once(url: string, { method, headers, body }: HttpRequest): Promise<TimedAnswer> {
    const { timeoutMs } = this.#options;
    const signal = timeoutMs > 0 ? AbortSignal.timeout(timeoutMs) : null;
    const startMs = performance.now();
    try {
      const dispatcher = await this.#agentFor(url);
      const { origin, pathname, search } = new URL(url);
      const answer = await dispatcher.request({
        origin,
        path: `${pathname}${search}`,
        method: method ?? 'GET',
        headers: headers as Record<string, string | string[]>,
        body: body ?? null,
        signal,
      });
      return {
        status: answer.statusCode,
        statusText: answer.statusText,
        headers: answer.headers,
        body: await bounded(answer.body, MAX_BODY_BYTES),
        tookMs: performance.now() - startMs,
      };
    } catch (error) {
      if (error instanceof SealedSecretsError) throw error;
      throw new SealedSecretsError(
        'ERR_API_UNAVAILABLE',
        `cannot reach ${originOf(url)}: ${reasonOf(error)}`,
        { cause: error, ...(reasonOf(error) === UNKNOWN_AUTHORITY ? { hint: TRUST_HINT } : {}) },
      );
    }
  }
}

const TRUST_HINT =
  "put its authority into the system's store, name a file with SSL_CERT_FILE, or give --certificate-authority FILE";

function reasonOf(error: unknown): string {
  const isLate = (error as { name?: string }).name === 'TimeoutError';
  return isLate ? 'no answer within --request-timeout' : failureReason(error);
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'the server';
}

/**
 * Milliseconds before a request is repeated; NaN if the server names no time. Our controller also names it
 * without the rest of a second. That counts the first time only: others may wait for the same moment, and
 * repeats that soon would be used up.
 */
function pauseBefore(repeat: number, headers: HttpAnswer['headers']): number {
  const exactMs = Number(headers['retry-after-ms']);
  return repeat === 0 && exactMs >= 0 ? exactMs : Number(headers['retry-after']) * 1000;
}
