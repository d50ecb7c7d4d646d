import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * How a service misbehaves: a status, an answer that is cut, late, too long, or no JSON, or no answer at all.
 */
export type Trouble =
  | 'cut'
  | 'garbage'
  | 'huge'
  | 'redirect'
  | 'silent'
  | 'gone'
  | 403
  | 404
  | 429
  | 500
  | 503;

/** A server between a client and a service. */
export interface FaultProxy {
  readonly url: string;
  /** From the next request on; undefined passes requests on. */
  trouble: Trouble | undefined;
  /** Path and body of every request so far. */
  readonly requests: { readonly path: string; readonly body: string }[];
  close(): Promise<void>;
}

const HUGE_BYTES = 1024 * 1024;

/** Starts it on this machine. @param target the address of the service */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const proxy: Omit<FaultProxy, 'url' | 'close'> = { trouble: undefined, requests: [] };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await buffer(request);
    proxy.requests.push({ path: request.url ?? '', body: body.toString() });
    const { trouble } = proxy;
    if (refuses(trouble, request, { response, target, body })) return;
    const answer = await forwarded(request, { target, body });
    if (trouble === 'cut') {
      response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      response.write(half(answer.body), () => response.destroy());
      return;
    }
    const told = trouble === 'garbage' ? half(answer.body) : answer.body;
    response.writeHead(answer.status, answer.headers);
    response.end(trouble === 'huge' ? Buffer.alloc(HUGE_BYTES, ' ') : told);
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

interface Refusing {
  readonly response: ServerResponse;
  readonly target: string;
  readonly body: Buffer;
}

/** Whether the trouble is one for which the service is not asked. */
function refuses(
  trouble: Trouble | undefined,
  { url, headers }: IncomingMessage,
  { response, target, body }: Refusing,
): boolean {
  if (trouble === 'gone') response.destroy();
  else if (trouble === 'redirect') response.writeHead(307, { location: `${target}${url}` }).end();
  // whatever was sent comes back: a message that quotes an answer would show it
  else if (typeof trouble === 'number')
    response.writeHead(trouble).end(JSON.stringify({ errors: [headers, body.toString()] }));
  else return trouble === 'silent';
  return true;
}

async function forwarded(request: IncomingMessage, { target, body }: Pick<Refusing, 'target' | 'body'>) {
  const { host: _host, connection: _connection, ...headers } = request.headers;
  const sent = { method: request.method ?? 'GET', headers: headers as Record<string, string> };
  const answer = await fetch(
    `${target}${request.url}`,
    body.length > 0 ? { ...sent, body: new Uint8Array(body) } : sent,
  );
  const type = answer.headers.get('content-type') ?? 'application/json';
  return {
    status: answer.status,
    headers: { 'content-type': type },
    body: Buffer.from(await answer.arrayBuffer()),
  };
}

function half(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.length / 2);
}
