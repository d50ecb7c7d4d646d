import type { Socket } from 'node:net';
import { Agent, buildConnector, type Dispatcher, ProxyAgent, Socks5ProxyAgent } from 'undici';
import type { Credentials } from './credentials.ts';

/** What sends requests to servers, directly or through a proxy of scheme http, https or socks5. */
export function createDispatcher(proxy: URL | undefined, tls: Partial<Credentials['tls']>): Dispatcher {
  if (!proxy) return new Agent({ connect: { ...tls } });
  if (proxy.protocol !== 'socks5:') return new ProxyAgent({ uri: proxy.href, requestTls: { ...tls } });
  return new Agent({ connect: connectorThrough(proxy, tls) });
}

/** What undici's agent has and its types leave out. */
interface Tunnels {
  createSocks5Connection(host: string, port: number): Promise<Socket>;
}

/** Tunnels of undici's SOCKS5 agent with the TLS of its other agents: its own gives an address as server name, which Node refuses. */
function connectorThrough(proxy: URL, tls: Partial<Credentials['tls']>): buildConnector.connector {
  const agent = quietly(() => new Socks5ProxyAgent(proxy.href)) as unknown as Tunnels;
  const secure = buildConnector({ ...tls });
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
