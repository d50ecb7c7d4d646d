import type { TlsMaterial } from '@fuin/kube/access';
import { recordOf } from '@fuin/kube/record';
import { createAgent, routeTo } from '@fuin/kube/transport';
import { type Dispatcher, request } from 'undici';
import { misconfigured, rejected, unavailable } from '../faults.ts';
import type { WrapperWorld } from '../key-wrapper.ts';

/** One request with a JSON body. */
export interface KeyRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends the request, whatever it waits for. */
  readonly signal: AbortSignal;
}

/** What came back, error statuses too. */
export interface KeyAnswer {
  readonly status: number;
  /** The fields of the JSON object; none where the body is something else. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The server of a key service. */
export interface KeyServer {
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** What stands before every path, without a slash at the end. */
  readonly base: string;
  /** @throws ERR_KEY_SERVICE_UNAVAILABLE, and ERR_KEY_SERVICE_REJECTED for a redirect */
  ask(path: string, request: KeyRequest): Promise<KeyAnswer>;
  close(): Promise<void>;
}

const MAX_ANSWER_BYTES = 65_536;
const CONNECT_TIMEOUT_MS = 5_000;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Prepares requests to a server. Plain http is refused except on this machine: tokens and data keys would go
 * over the network in the clear. No redirect is followed, so no token reaches another server.
 *
 * @param address its URL
 * @param what the address is, for messages, such as `VAULT_ADDR`
 * @throws ERR_USAGE
 */
export function openKeyServer(
  address: string,
  what: string,
  { env, tls = async () => ({}) }: WrapperWorld & { readonly tls?: () => Promise<TlsMaterial> },
): KeyServer {
  const { origin, base } = checkedAddress(address, what);
  let agent: Promise<Dispatcher> | undefined;
  const connect = () => {
    agent ??= createAgent(routeTo({ server: origin, tls }, env), {
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      env,
    });
    return agent;
  };
  const ask = async (path: string, { method = 'POST', headers = {}, body, signal }: KeyRequest) => {
    try {
      const dispatcher = await connect();
      const sent = {
        dispatcher,
        method,
        headers: { ...JSON_HEADERS, ...headers },
        body: body ?? null,
        signal,
      };
      const answer = await request(`${base}${path}`, sent);
      return { status: answer.statusCode, text: await boundedText(answer.body) };
    } catch (error) {
      throw unavailable(origin, reasonOf(error));
    }
  };
  return {
    origin,
    base,
    ask: async (path, sent) => answerOf(origin, await ask(path, sent)),
    close: async () => void (await (await agent?.catch(() => undefined))?.close()),
  };
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json' };

function checkedAddress(address: string, what: string): { readonly origin: string; readonly base: string } {
  const url = URL.parse(address);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.search !== '' || url.hash !== '')
    throw misconfigured(
      `${what} is not the address of a server`,
      'it must be like https://vault.example.com:8200',
    );
  if (url.username !== '' || url.password !== '') throw misconfigured(`${what} holds a password`);
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname))
    throw misconfigured(`${what} is plain http, which shows tokens and keys to the network`, 'use https');
  return { origin: url.origin, base: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

function answerOf(
  origin: string,
  { status, text }: { readonly status: number; readonly text: string },
): KeyAnswer {
  if (status >= 300 && status < 400) throw rejected(origin, 'it redirects, and no token is sent elsewhere');
  const fields = fieldsIn(text);
  if (fields === undefined && status < 300) throw unavailable(origin, 'its answer is not JSON');
  return { status, fields: fields ?? {} };
}

function fieldsIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function boundedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw Object.assign(new Error(), { code: TOO_LONG });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const TOO_LONG = 'ERR_ANSWER_TOO_LONG';
const REASONS: Readonly<Record<string, string>> = {
  [TOO_LONG]: 'its answer is too long',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  UND_ERR_SOCKET: 'the connection was closed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** A reason without the error's own text, which may hold credentials. */
function reasonOf(error: unknown): string {
  const { name, code = '', cause } = error as { name?: string; code?: string; cause?: { code?: string } };
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time';
  const known = REASONS[code] ?? REASONS[cause?.code ?? ''];
  return known ?? (/^[A-Z_0-9]{1,60}$/.test(code) ? code : 'the request failed');
}
