import { systemAuthorities } from '@fuin/flags/authorities';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Connection, TlsMaterial } from '../access/connection.ts';

/** Sizes and times of the connections to one API server. */
export interface AgentOptions {
  /** Connections at most, watches included; requests beyond it wait. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** Time between PINGs on HTTP/2; one without an answer when the next is due ends the connection. */
  readonly pingMs: number;
  /** For SSL_CERT_FILE and SSL_CERT_DIR; the environment of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Below the 90 s after which kube-apiserver closes an idle connection: a request never races with that. */
const KEEP_ALIVE_MS = 45_000;
/** TCP probes start after this silence, then come every second ten times: a dead peer shows within 30 s. */
const PROBE_AFTER_MS = 20_000;

/**
 * Makes the one pool of connections of a process. Each new connection reads the TLS material as it stands then,
 * so a renewed CA or client certificate counts without a restart.
 *
 * HTTP/2 where the server offers it: requests and watches then share one connection, and more are opened only beyond the
 * streams that it allows. Giving up a request leaves such a connection alone, so PINGs find out whether it is dead; undici
 * sends none any more on one that the server is done with (GOAWAY), where watches have TCP's probes and their own limit of
 * silence.
 */
export async function createAgent(connection: Connection, options: AgentOptions): Promise<Dispatcher> {
  const shared = {
    connections: options.connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1, // of HTTP/1.1 alone
    allowH2: true,
    h2Options: { pingInterval: options.pingMs },
  };
  const isTls = connection.server.startsWith('https:');
  const store = isTls ? createStore(options.env ?? process.env) : () => undefined;
  if (connection.proxyUrl !== undefined) {
    const requestTls = { ...trusting(await connection.tls(), store), timeout: options.connectTimeoutMs };
    const proxyTls = connection.proxyUrl.startsWith('https:') ? trusting({}, store) : {};
    return new ProxyAgent({ ...shared, uri: connection.proxyUrl, requestTls, proxyTls });
  }
  return new Agent({ ...shared, connect: createConnector(connection, store, options.connectTimeoutMs) });
}

/** The authorities of the system, read when they are first needed; undefined for Node's own list. */
type Store = () => string[] | undefined;

function createStore(env: Readonly<Record<string, string | undefined>>): Store {
  let read: { readonly authorities: string[] | undefined } | undefined;
  return () => {
    read ??= { authorities: systemAuthorities(env) };
    return read.authorities;
  };
}

/**
 * TLS options that trust as client-go does: the given CA, else the system's store; and each certificate of either is an
 * anchor, be it an intermediate one or the server's own.
 */
function trusting(tls: TlsMaterial, store: Store): buildConnector.BuildOptions {
  const isOwnCaOrNone = tls.ca !== undefined || tls.rejectUnauthorized === false;
  const ca = isOwnCaOrNone ? undefined : store();
  return { ...tls, ...(ca && { ca }), allowPartialTrustChain: true };
}

function createConnector(connection: Connection, store: Store, timeout: number): buildConnector.connector {
  let current: { readonly tls: TlsMaterial; readonly connect: buildConnector.connector } | undefined;
  return (target, callback) => {
    const connecting = connection.tls().then((tls) => {
      if (current?.tls === tls) return current.connect;
      const trusted = trusting(tls, store);
      const options = { ...trusted, timeout, allowH2: true, keepAliveInitialDelay: PROBE_AFTER_MS };
      current = { tls, connect: buildConnector(options) };
      return current.connect;
    });
    connecting.then(
      (connect) => connect(target, callback),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}
