import { SealedSecretsError } from '@fuin/crypto-core';
import { parseDuration } from '@fuin/flags/parsing';
import { type ClusterAccess, openServer } from '@fuin/kube/access';
import { type HttpRequest, type TimedAnswer, Transport } from '../io/http.ts';
import type { Io } from '../io/io.ts';

/** The API server of one cluster. */
export interface Cluster {
  /** @throws ERR_API_UNAVAILABLE */
  send(path: string, request?: HttpRequest): Promise<TimedAnswer>;
  close(): Promise<void>;
}

/** What connecting needs beside the access. */
export interface ConnectOptions {
  readonly io: Pick<Io, 'env' | 'stdin' | 'stderr'>;
  /** Value of --request-timeout. */
  readonly requestTimeout: string;
}

/**
 * Prepares requests to the API server of a context. Nothing is sent yet, but a credential plugin may run.
 *
 * @throws ERR_USAGE when credentials cannot be had or the timeout cannot be read
 */
export async function connectCluster(
  access: ClusterAccess,
  { io, requestTimeout }: ConnectOptions,
): Promise<Cluster> {
  const timeoutMs = parseTimeout(requestTimeout);
  const { server, proxyUrl, tls, authorization } = await openServer(access, io);
  const options = { tls: await tls(), timeoutMs, env: io.env, ...(proxyUrl ? { proxyUrl } : {}) };
  const own = await authorization();
  const transport = new Transport(options);
  return {
    send: (path, request = {}) =>
      transport.send(`${server}${path}`, { ...request, headers: { ...own, ...request.headers } }),
    close: () => transport.close(),
  };
}

function parseTimeout(text: string): number {
  const timeoutMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs >= 0) return timeoutMs;
  throw new SealedSecretsError(
    'ERR_USAGE',
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  );
}
