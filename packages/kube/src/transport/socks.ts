import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import type { buildConnector } from 'undici';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
const SOCKS_PORT = 1080;

/**
 * Connects through a SOCKS5 proxy, which resolves the server's name; `secure` does the TLS inside of the
 * tunnel.
 *
 * @param proxy may hold a user and a password
 */
export function throughSocks(
  proxy: URL,
  timeoutMs: number,
  secure: buildConnector.connector,
): buildConnector.connector {
  return (target, callback) => {
    const { hostname, port, protocol } = target;
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    tunnel(proxy, { host, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 0) }, timeoutMs).then(
      (socket) => {
        if (protocol === 'https:') secure({ ...target, httpSocket: socket }, callback);
        else callback(null, socket);
      },
      (error: Error) => callback(error, null),
    );
  };
}

async function tunnel(
  proxy: URL,
  destination: { readonly host: string; readonly port: number },
  timeout: number,
): Promise<Socket> {
  const [userId, password] = [proxy.username, proxy.password].map(decodeURIComponent);
  try {
    const { socket } = await SocksClient.createConnection({
      proxy: {
        host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
        port: Number(proxy.port) || SOCKS_PORT,
        type: 5,
        ...(userId ? { userId, password: password ?? '' } : {}),
      },
      command: 'connect',
      destination,
      timeout,
    });
    return socket;
  } catch (error) {
    throw withoutOptions(error);
  }
}

/** The error of the package holds the proxy's password beside its message. */
function withoutOptions(error: unknown): Error {
  const { message } = error as Error;
  const code = /\bE[A-Z]{4,}\b/.exec(message)?.[0] ?? 'ERR_SOCKS';
  return Object.assign(new Error(`SOCKS proxy: ${message}`), { code });
}
