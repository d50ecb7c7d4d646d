import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Connection, TlsMaterial } from './connection.ts';

/** Sizes and times of the connections to one API server. */
export interface AgentOptions {
  /** Connections at most, watches included; requests beyond it wait. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
}

/** Below the 90 s after which kube-apiserver closes an idle connection: a request never races with that. */
const KEEP_ALIVE_MS = 45_000;
/** TCP probes start after this silence, then come every second ten times: a dead peer shows within 30 s. */
const PROBE_AFTER_MS = 20_000;

/**
 * Makes the one pool of connections of a process. Each new connection reads the TLS material as it stands then,
 * so a renewed CA or client certificate counts without a restart.
 *
 * HTTP/1.1 on purpose. undici's HTTP/2 proved sound (3,000 requests and 3 watches through GOAWAYs without an error) and no
 * faster (3,100 against 3,400 GETs per second at 64 at once). But it multiplexes only where `pipelining` allows it, which
 * behind a proxy without HTTP/2 would queue requests behind watches; and giving up a request here closes its connection,
 * so one dead connection costs one request and not all of them.
 */
export async function createAgent(connection: Connection, options: AgentOptions): Promise<Dispatcher> {
  const shared = {
    connections: options.connections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
    allowH2: false,
  };
  if (connection.proxyUrl !== undefined) {
    const requestTls = { ...(await connection.tls()), timeout: options.connectTimeoutMs };
    return new ProxyAgent({ ...shared, uri: connection.proxyUrl, requestTls });
  }
  return new Agent({ ...shared, connect: createConnector(connection, options.connectTimeoutMs) });
}

function createConnector(connection: Connection, timeout: number): buildConnector.connector {
  let current: { readonly tls: TlsMaterial; readonly connect: buildConnector.connector } | undefined;
  return (target, callback) => {
    connection.tls().then(
      (tls) => {
        if (current?.tls !== tls) {
          const options = { ...tls, timeout, allowH2: false, keepAliveInitialDelay: PROBE_AFTER_MS };
          current = { tls, connect: buildConnector(options) };
        }
        current.connect(target, callback);
      },
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
    );
  };
}
