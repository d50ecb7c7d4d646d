import { STATUS_CODES } from 'node:http';
import { SealedSecretsError } from '@fuin/crypto-core';
import { parseDuration } from '@fuin/flags/parsing';
import type { TlsMaterial } from '@fuin/kube/access';
import { type ServerAddress, serverAddress } from '@fuin/kube/server-address';
import { usageError } from '../../../invocation/usage-error.ts';
import type { HttpAnswer, HttpRequest, Transport } from '../../../io/http.ts';
import type { Io } from '../../../io/io.ts';
import { parseJson } from '../../json-items.ts';

const USUAL_TIMEOUT_MS = 30_000;

/** The server of a store. Nothing is ever sent to another one, so a token cannot follow a redirect. */
export interface StoreServer extends ServerAddress {
  /**
   * Asks, and returns the answer whatever its status.
   *
   * @param path behind the address, escaped, with its leading slash
   * @throws ERR_API_UNAVAILABLE, and ERR_API_REJECTED for a redirect
   */
  send(path: string, request?: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** How a store's server is reached. */
export interface ServerOptions {
  readonly io: Pick<Io, 'env'>;
  readonly requestTimeout: string;
  readonly tls?: TlsMaterial;
}

/**
 * Prepares requests to a server. Plain http is refused except on this machine: values and tokens would go
 * over the network in the clear.
 *
 * @param address its URL
 * @param name what the address is, for messages, such as `VAULT_ADDR`
 * @throws ERR_USAGE
 */
export function openStoreServer(address: string, name: string, options: ServerOptions): StoreServer {
  const { origin, base } = serverAddress(address, name, 'tokens and values');
  const { io, requestTimeout, tls = {} } = options;
  const transportOptions = { env: io.env, tls, timeoutMs: timeoutOf(requestTimeout) };
  let opening: Promise<Transport> | undefined;
  const open = () => {
    // loaded when something is sent: files need no HTTP
    opening ??= import('../../../io/http.ts').then((http) => new http.Transport(transportOptions));
    return opening;
  };
  return {
    origin,
    base,
    send: async (path, request) =>
      refuseRedirect(await (await open()).send(`${base}${path}`, request), origin),
    close: async () => (await opening)?.close(),
  };
}

/** The error for an answer that is no success. It quotes nothing of the body, which may hold anything. */
export function refusal(
  { status }: Pick<HttpAnswer, 'status'>,
  what: string,
  hints: Readonly<Record<number, string>> = {},
): SealedSecretsError {
  const isLater = status >= 500 || status === 429;
  // not the words of the server, which may hold anything
  const words = `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const hint = hints[status];
  return new SealedSecretsError(
    isLater ? 'ERR_API_UNAVAILABLE' : 'ERR_API_REJECTED',
    `cannot read ${what}: the server answered ${words}`,
    hint === undefined ? {} : { hint },
  );
}

/** The JSON of an answer; numbers are strings as they stand there. @throws ERR_API_REJECTED */
export function jsonOf({ body }: Pick<HttpAnswer, 'body'>, what: string): unknown {
  const value = parseJson(Buffer.from(body).toString('utf8'));
  if (value !== undefined) return value;
  throw new SealedSecretsError('ERR_API_REJECTED', `cannot read ${what}: the answer is not JSON`);
}

function refuseRedirect(answer: HttpAnswer, origin: string): HttpAnswer {
  if (answer.status < 300 || answer.status >= 400) return answer;
  const to = URL.parse(String(answer.headers['location'] ?? ''), origin)?.origin ?? 'elsewhere';
  throw new SealedSecretsError('ERR_API_REJECTED', `${origin} redirects to ${to}, where no token is sent`, {
    hint: 'give the address of the server itself, if you trust it',
  });
}

function timeoutOf(text: string): number {
  const timeoutMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (timeoutMs === undefined || timeoutMs < 0) throw usageError('--request-timeout is not a duration');
  return timeoutMs === 0 ? USUAL_TIMEOUT_MS : timeoutMs;
}
