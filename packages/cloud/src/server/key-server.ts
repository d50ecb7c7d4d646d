import type { TlsMaterial } from '@fuin/kube/access';
import { recordOf } from '@fuin/kube/record';
import { type ServerAddress, serverAddress } from '@fuin/kube/server-address';
import { createAgent, failureReason, routeTo } from '@fuin/kube/transport';
import type { Dispatcher } from 'undici';
import { rejected, unavailable } from '../faults.ts';
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
  /** How long the server asks to wait; undefined where it does not say. */
  readonly retryAfterMs: number | undefined;
}

/** The server of a key service. */
export interface KeyServer extends ServerAddress {
  /** @throws ERR_KEY_SERVICE_UNAVAILABLE, and ERR_KEY_SERVICE_REJECTED for a redirect */
  ask(path: string, request: KeyRequest): Promise<KeyAnswer>;
  close(): Promise<void>;
}

const MAX_ANSWER_BYTES = 65_536;
const CONNECT_TIMEOUT_MS = 5_000;

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
  const { origin, base } = serverAddress(address, what, 'tokens and keys');
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
      const answer = await dispatcher.request({
        origin,
        path: `${base.slice(origin.length)}${path}`,
        method,
        headers: { ...JSON_HEADERS, ...headers },
        body: body ?? null,
        signal,
      });
      const retryAfterMs = pauseIn(answer.headers['retry-after']);
      return { status: answer.statusCode, text: await boundedText(answer.body), retryAfterMs };
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

type Received = Pick<KeyAnswer, 'status' | 'retryAfterMs'> & { readonly text: string };

function answerOf(origin: string, { status, retryAfterMs, text }: Received): KeyAnswer {
  if (status >= 300 && status < 400) throw rejected(origin, 'it redirects, and no token is sent elsewhere');
  const fields = fieldsIn(text);
  if (fields === undefined && status < 300) throw unavailable(origin, 'its answer is not JSON');
  return { status, fields: fields ?? {}, retryAfterMs };
}

/** In seconds; a date, which the clock of this machine would have to understand, is not read. */
function pauseIn(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : undefined;
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

function reasonOf(error: unknown): string {
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError' || name === 'AbortError') return 'no answer in time';
  return code === TOO_LONG ? 'its answer is too long' : failureReason(error);
}
