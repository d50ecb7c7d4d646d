import { setTimeout as sleep } from 'node:timers/promises';
import { SealedSecretsError } from '@fuin/crypto-core';
import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, request, Socks5ProxyAgent } from 'undici';
import type { Credentials } from './credentials.ts';

/** How a server is reached. */
export interface TransportOptions {
  readonly tls?: Credentials['tls'];
  /** From the kubeconfig; without it the proxy variables of the environment count. */
  readonly proxyUrl?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For one request from start to end; 0 waits for ever. */
  readonly timeoutMs: number;
}

/** One request. */
export interface HttpRequest {
  readonly method?: 'GET' | 'POST';
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

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_REPEATS = 10;
const MAX_RETRY_AFTER_S = 30;

/** Sends requests through one agent; repeats one that is answered 429 or 5xx with Retry-After, up to ten times, as client-go does. */
export class Transport {
  readonly #dispatcher: Dispatcher;
  readonly #timeoutMs: number;

  constructor(options: TransportOptions) {
    this.#dispatcher = dispatcherFor(options);
    this.#timeoutMs = options.timeoutMs;
  }

  /** @throws ERR_API_UNAVAILABLE when there is no answer */
  async send(url: string, { method = 'GET', headers = {}, body }: HttpRequest = {}): Promise<HttpAnswer> {
    for (let repeat = 0; ; repeat++) {
      const answer = await this.#once(url, { method, headers, ...(body === undefined ? {} : { body }) });
      const retryAfter = Number(answer.headers['retry-after']);
      const isTransient = answer.status === 429 || answer.status >= 500;
      if (!isTransient || !(retryAfter >= 0) || repeat === MAX_REPEATS) return answer;
      await sleep(Math.min(retryAfter, MAX_RETRY_AFTER_S) * 1000);
    }
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #once(url: string, { method, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const signal = this.#timeoutMs > 0 ? AbortSignal.timeout(this.#timeoutMs) : null;
    try {
      const answer = await request(url, {
        dispatcher: this.#dispatcher,
        method: method ?? 'GET',
        headers: headers as Record<string, string | string[]>,
        body: body ?? null,
        signal,
      });
      return {
        status: answer.statusCode,
        statusText: answer.statusText,
        headers: answer.headers,
        body: await bounded(answer.body),
      };
    } catch (error) {
      if (error instanceof SealedSecretsError) throw error;
      throw new SealedSecretsError(
        'ERR_API_UNAVAILABLE',
        `cannot reach ${originOf(url)}: ${reasonOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }
}

function dispatcherFor({ tls, proxyUrl, env }: TransportOptions): Dispatcher {
  const connect = { ...tls };
  if (proxyUrl?.startsWith('socks5')) return new Socks5ProxyAgent(proxyUrl, { requestTls: connect });
  if (proxyUrl) return new ProxyAgent({ uri: proxyUrl, requestTls: connect });
  const variable = (name: string) => env[name.toLowerCase()] || env[name.toUpperCase()];
  const [httpProxy, httpsProxy] = [variable('http_proxy'), variable('https_proxy')];
  if (!httpProxy && !httpsProxy) return new Agent({ connect });
  const noProxy = variable('no_proxy') ?? '';
  return new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: ['localhost', '127.0.0.1', '::1', noProxy].filter((host) => host !== '').join(','), // as in Go
    requestTls: connect,
    connect,
  });
}

async function bounded(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved now',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is signed by an unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is signed by an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is signed by an unknown authority',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_SOCKET: 'the connection was closed',
};

/** A reason without the error's own text, which may hold credentials of a proxy URL. */
function reasonOf(error: unknown): string {
  const { name, code, cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  if (name === 'TimeoutError') return 'no answer within --request-timeout';
  const known = REASONS[code ?? ''] ?? REASONS[cause?.code ?? ''];
  return known ?? code ?? cause?.code ?? 'the request failed';
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? 'the server';
}
