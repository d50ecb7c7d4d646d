import { createSecureContext } from 'node:tls';
import { systemAuthorities } from '@fuin/flags/authorities';
import type { buildConnector as Connectors } from 'undici';
import type { ServerAccess, TlsMaterial } from '../access/server-access.ts';
import { Agent, buildConnector, type Dispatcher, loadProxyAgent } from '../undici/index.ts';
import { parseProxyUrl, proxyFor } from './proxy.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Where to connect to: the server, what its TLS needs, and the proxy on the way. */
export interface Route {
  readonly server: string;
  readonly tls: () => Promise<TlsMaterial>;
  readonly proxy: URL | undefined;
}

/** Sizes and times of the connections to one server. */
export interface AgentOptions {
  /** Connections at most, watches included; requests beyond it wait. No limit by default. */
  readonly connections?: number;
  readonly connectTimeoutMs: number;
  /**
   * Time between PINGs on HTTP/2. A PING without an answer when the next one is due ends the connection.
   * Without this option the agent speaks HTTP/1.1.
   */
  readonly pingMs?: number;
  /** For SSL_CERT_FILE and SSL_CERT_DIR. */
  readonly env: Env;
}

/** Below the 90 s after which kube-apiserver closes an idle connection: a request never races with that. */
const KEEP_ALIVE_MS = 45_000;
/** TCP probes start after this silence, then come every second ten times: a dead peer shows within 30 s. */
const PROBE_AFTER_MS = 20_000;

/**
 * The way to a server: through the proxy of the kubeconfig, else through the one that the environment names.
 *
 * @throws ERR_USAGE for a proxy that cannot be used
 */
export function routeTo(
  { server, proxyUrl, tls }: Pick<ServerAccess, 'server' | 'proxyUrl' | 'tls'>,
  env: Env,
): Route {
  return { server, tls, proxy: proxyUrl ? parseProxyUrl(proxyUrl) : proxyFor(server, env) };
}

/**
 * Makes one pool of connections. Each new connection reads the TLS material as it stands then, so a renewed
 * CA or client certificate counts without a restart; through an HTTP proxy that needs a new agent.
 *
 * HTTP/2 where the server offers it: requests and watches then share one connection, and more are opened only
 * beyond the streams that it allows. Giving up a request leaves such a connection alone, so PINGs find out
 * whether it is dead; undici sends none any more on one that the server is done with (GOAWAY), where watches
 * have TCP's probes and their own limit of silence.
 */
export async function createAgent(route: Route, options: AgentOptions): Promise<Dispatcher> {
  const { connections, connectTimeoutMs: timeout, pingMs } = options;
  const shared = {
    ...(connections === undefined ? {} : { connections }),
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1, // of HTTP/1.1 alone
    allowH2: pingMs !== undefined,
    ...(pingMs === undefined ? {} : { h2Options: { pingInterval: pingMs } }),
  };
  const store = storeFor(route, options.env);
  const { proxy, tls } = route;
  if (proxy && proxy.protocol !== 'socks5:') {
    const material = await tls();
    createSecureContext(material); // throws at broken PEM before a tunnel is opened, which nobody would close
    const requestTls = { ...trusting(material, store), timeout };
    const proxyTls = proxy.protocol === 'https:' ? trusting({}, store) : {};
    const ProxyAgent = await loadProxyAgent();
    return new ProxyAgent({ ...shared, uri: proxy.href, requestTls, proxyTls });
  }
  const connectTo = createConnector(tls, store, { timeout, allowH2: shared.allowH2 });
  if (!proxy) return new Agent({ ...shared, connect: connectTo });
  const { throughSocks } = await import('./socks.ts');
  return new Agent({ ...shared, connect: throughSocks(proxy, timeout, connectTo) });
}

/** The authorities of the system, read when they are first needed; undefined for Node's own list. */
type Store = () => string[] | undefined;

function storeFor({ server, proxy }: Route, env: Env): Store {
  if (!/^https:/i.test(server) && proxy?.protocol !== 'https:') return () => undefined;
  let read: { readonly authorities: string[] | undefined } | undefined;
  return () => {
    read ??= { authorities: systemAuthorities(env) };
    return read.authorities;
  };
}

/**
 * TLS options that trust like client-go: the given CA, else the system's store; and each certificate of
 * either is an anchor, be it an intermediate one or the server's own.
 */
function trusting(tls: TlsMaterial, store: Store): Connectors.BuildOptions {
  const isOwnCaOrNone = tls.ca !== undefined || tls.rejectUnauthorized === false;
  const ca = isOwnCaOrNone ? undefined : store();
  return { ...tls, ...(ca && { ca }), allowPartialTrustChain: true };
}

function createConnector(
  readTls: Route['tls'],
  store: Store,
  options: Pick<Connectors.BuildOptions, 'timeout' | 'allowH2'>,
): Connectors.connector {
  let current: { readonly tls: TlsMaterial; readonly connect: Connectors.connector } | undefined;
  return (target, callback) => {
    const connecting = readTls().then((tls) => {
      if (current?.tls === tls) return current.connect;
      const trusted = trusting(tls, store);
      const connect = buildConnector({ ...trusted, ...options, keepAliveInitialDelay: PROBE_AFTER_MS });
      current = { tls, connect };
      return connect;
    });
    connecting
      .then((connect) => connect(target, callback)) // throws at PEM that is broken, as in a file half written
      .catch((error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null));
  };
}
