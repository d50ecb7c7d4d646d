import { SealedSecretsError } from '@fuin/crypto-core';
import { parseDuration } from '@fuin/flags/parsing';
import { type Credentials, readCredentials } from './credentials.ts';
import type { ClusterAccess, Fields } from './kubeconfig.ts';
import { type HttpAnswer, type HttpRequest, Transport } from './transport.ts';

/** The API server of one cluster. */
export interface Cluster {
  /** @throws ERR_API_UNAVAILABLE */
  send(path: string, request?: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** What connecting needs beside the access. */
export interface ConnectOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Value of --request-timeout. */
  readonly requestTimeout: string;
}

/**
 * Prepares requests to the API server of a context. Nothing is sent yet, but a credential plugin may run.
 *
 * @throws ERR_USAGE when credentials cannot be had or the timeout cannot be read
 */
export async function connectCluster(access: ClusterAccess, options: ConnectOptions): Promise<Cluster> {
  const { cluster, user } = access;
  const timeoutMs = parseTimeout(options.requestTimeout);
  const given = await readCredentials(access);
  const isDelegated = user['exec'] !== undefined || user['auth-provider'] !== undefined;
  const { headers, tls } = isDelegated && !user['token'] ? await delegate(access, given) : given;
  const proxyUrl = text(cluster['proxy-url']);
  const server = serverUrl(text(cluster['server']));
  const transport = new Transport({ tls, timeoutMs, env: options.env, ...(proxyUrl ? { proxyUrl } : {}) });
  return {
    send: (path, request = {}) =>
      transport.send(`${server}${path}`, { ...request, headers: { ...headers, ...request.headers } }),
    close: () => transport.close(),
  };
}

/** Base URL without trailing slash; as for client-go a bare host means http on a port and https otherwise. */
function serverUrl(server: string): string {
  return (/^https?:\/\//.test(server) ? server : `http://${server}`).replace(/\/+$/, '');
}

function parseTimeout(text: string): number {
  const timeoutMs = /^\d+$/.test(text) ? Number(text) * 1000 : parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs >= 0) return timeoutMs;
  throw new SealedSecretsError(
    'ERR_USAGE',
    'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
  );
}

/** Credential plugins and auth providers run through client-node, which is loaded only for them. */
async function delegate(access: ClusterAccess, given: Credentials): Promise<Credentials> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const server = text(access.cluster['server']);
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server, skipTLSVerify: true }],
    users: [{ name: 'user', exec: execWithInfo(access, given), authProvider: access.user['auth-provider'] }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  const options: Parameters<typeof config.applyToHTTPSOptions>[0] = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    const command = text((access.user['exec'] as Fields | undefined)?.['command']);
    throw new SealedSecretsError(
      'ERR_USAGE',
      `getting credentials: ${command ? `exec plugin ${command}` : 'auth provider'} failed`,
      {
        hint: 'run it by hand to see what it says; its output is not shown here because it may hold a token',
        cause,
      },
    );
  }
  const authorization = (options.headers as Readonly<Record<string, string>> | undefined)?.['Authorization'];
  const { cert, key } = options as { cert?: string; key?: string };
  return {
    headers: { ...given.headers, ...(authorization ? { authorization } : {}) },
    tls: { ...given.tls, ...(cert && key ? { cert, key } : {}) },
  };
}

/** The plugin with KUBERNETES_EXEC_INFO in its environment, which client-node leaves out. */
function execWithInfo({ cluster, user }: ClusterAccess, { tls }: Credentials): Fields | undefined {
  const exec = user['exec'] as Fields | undefined;
  if (!exec) return undefined;
  const info = {
    apiVersion: exec['apiVersion'],
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(exec['provideClusterInfo'] === true ? { cluster: clusterInfo(cluster, tls) } : {}),
    },
  };
  const env = Array.isArray(exec['env']) ? exec['env'] : [];
  return { ...exec, env: [...env, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }] };
}

function clusterInfo(cluster: Fields, { ca }: Credentials['tls']): Fields {
  const extensions = (Array.isArray(cluster['extensions']) ? cluster['extensions'] : []) as readonly Fields[];
  const config = extensions.find(({ name }) => name === 'client.authentication.k8s.io/exec')?.['extension'];
  const copied = [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'proxy-url',
    'disable-compression',
  ];
  const present = copied
    .filter((field) => cluster[field] !== undefined)
    .map((field) => [field, cluster[field]]);
  return {
    ...Object.fromEntries(present),
    ...(ca ? { 'certificate-authority-data': Buffer.from(ca).toString('base64') } : {}),
    ...(config === undefined ? {} : { config }),
  };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
