import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { Credentials } from '../access/credentials.ts';

/** Go takes every certificate of a pool for an anchor, an intermediate or the server's own too; OpenSSL only with this. */
const ANY_ANCHOR = { allowPartialTrustChain: true };

/**
 * What sends requests to servers, directly or through a proxy of scheme http, https or socks5.
 *
 * @param authorities whom to trust in a proxy's certificate, and in the server's where `given` has no CA; undefined for Node's own list
 */
export function createDispatcher(
  proxy: URL | undefined,
  given: Partial<Credentials['tls']>,
  authorities?: readonly string[],
): Dispatcher {
  const store = { ...ANY_ANCHOR, ...(authorities ? { ca: [...authorities] } : {}) };
  const tls = { ...store, ...given };
  if (!proxy) return new Agent({ connect: tls });
  if (proxy.protocol !== 'socks5:')
    return new ProxyAgent({ uri: proxy.href, requestTls: tls, proxyTls: store });
  return new Agent({ connect: connectorThrough(proxy, tls) });
}

/** What undici's agent has and its types leave out. */
interface Tunnels {
  createSocks5Connection(host: string, port: number): Promise<Socket>;
}

/** Tunnels of undici's SOCKS5 agent with the TLS of its other agents: its own gives an address as server name, which Node refuses. */
function connectorThrough(proxy: URL, tls: buildConnector.BuildOptions): buildConnector.connector {
  const agent = quietly(() => new Socks5ProxyAgent(proxy.href)) as unknown as Tunnels;
  const secure = buildConnector(tls);
  return (options, callback) => {
    const { hostname, protocol } = options;
    const port = Number(options.port) || (protocol === 'https:' ? 443 : 80);
    agent.createSocks5Connection(hostname, port).then(
      (socket) =>
        protocol === 'https:' ? secure({ ...options, httpSocket: socket }, callback) : callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}

/** undici warns on stderr that its SOCKS5 client is experimental; who runs this program can do nothing about it. */
function quietly<T>(create: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return create();
  } finally {
    process.emitWarning = emitWarning;
  }
}
