import { SealedSecretsError } from '@fuin/crypto-core';
import { parseDuration } from '@fuin/flags/parsing';
import {
  type ClusterAccess,
  type Credentials,
  type Fields,
  hasAuthorization,
  hasClientCertificate,
  readCredentials,
} from '@fuin/kube/access';
import { type HttpAnswer, type HttpRequest, Transport } from '../io/http.ts';
import type { Io } from '../io/io.ts';

/** The API server of one cluster. */
export interface Cluster {
  /** @throws ERR_API_UNAVAILABLE */
  send(path: string, request?: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** What connecting needs beside the access. */
export interface ConnectOptions {
  readonly io: Pick<Io, 'env' | 'stdin' | 'stderr' | 'now'>;
  /** Value of --request-timeout. */
  readonly requestTimeout: string;
}

/**
 * Prepares requests to the API server of a context. Nothing is sent yet, but a credential plugin may run.
 *
 * @throws ERR_USAGE when credentials cannot be had or the timeout cannot be read
 */
export async function connectCluster(access: ClusterAccess, options: ConnectOptions): Promise<Cluster> {
  const { cluster } = access;
  const timeoutMs = parseTimeout(options.requestTimeout);
  const server = serverUrl(cluster);
  const { headers, tls } = /^https:/i.test(server)
    ? await withDelegated(access, await readCredentials(access), options.io)
    : await readCredentials(withoutCredentials(access));
  const proxyUrl = text(cluster['proxy-url']);
  const transport = new Transport({ tls, timeoutMs, env: options.io.env, ...(proxyUrl ? { proxyUrl } : {}) });
  return {
    send: (path, request = {}) =>
      transport.send(`${server}${path}`, { ...request, headers: { ...headers, ...request.headers } }),
    close: () => transport.close(),
  };
}

/** What says that a server is spoken to over TLS, as in client-go's DefaultServerUrlFor. */
const TLS_FIELDS = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'];

/** Base URL without trailing slash; without a scheme it is https where anything is said about TLS, else http. */
function serverUrl(cluster: Fields): string {
  const server = text(cluster['server']);
  const scheme = TLS_FIELDS.some((field) => cluster[field]) ? 'https' : 'http';
  return (/^https?:\/\//i.test(server) ? server : `${scheme}://${server}`).replace(/\/+$/, '');
}

/** For plain http: client-go reads and sends no token, password or certificate over it either (IsConfigTransportTLS). */
function withoutCredentials(access: ClusterAccess): ClusterAccess {
  const impersonation = Object.entries(access.user).filter(([field]) => field.startsWith('as'));
  return { ...access, cluster: {}, user: Object.fromEntries(impersonation) };
}

function parseTimeout(text: string): number {
  const timeoutMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs >= 0) return timeoutMs;
  throw new SealedSecretsError(
    'ERR_USAGE',
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  );
}

/** The given credentials with what a plugin or provider adds, which are asked only where the user has none, as by client-go. */
async function withDelegated(
  access: ClusterAccess,
  given: Credentials,
  io: ConnectOptions['io'],
): Promise<Credentials> {
  const { user } = access;
  if (hasAuthorization(user)) return given;
  if (user['exec']) {
    if (hasClientCertificate(user)) return given;
    const { runExecPlugin } = await import('@fuin/kube/access');
    const { token, cert, key } = await runExecPlugin(access, given.tls, io);
    const tls = cert && key ? { ...given.tls, cert, key } : given.tls;
    return { headers: token ? bearer(given, token) : given.headers, tls };
  }
  const provider = user['auth-provider'];
  if (!provider) return given;
  const { providedToken } = await import('@fuin/kube/access');
  return { ...given, headers: bearer(given, providedToken(provider as Fields, io.now())) };
}

function bearer({ headers }: Credentials, token: string): Credentials['headers'] {
  return { ...headers, authorization: `Bearer ${token}` };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
