import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { vector } from '../keys.ts';

/** A request that a store of a test got. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a store of a test answers: a body, or a status with a body and headers. */
export type StoreAnswer =
  | string
  | object
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

/** An HTTP server that stands for a store. */
export interface TestStore {
  readonly url: string;
  readonly port: number;
  readonly seen: SeenRequest[];
  /** Set by each test. */
  answer: (request: SeenRequest) => StoreAnswer;
  stop(): void;
}

/** Starts one. @param isTls with the certificate of chain/clouds.crt */
export async function startStore(isTls = false): Promise<TestStore> {
  const seen: SeenRequest[] = [];
  const listener = async (
    request: import('node:http').IncomingMessage,
    response: import('node:http').ServerResponse,
  ) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body };
    seen.push(one);
    const answer = store.answer(one);
    const isFull = typeof answer === 'object' && 'status' in answer && typeof answer.status === 'number';
    const {
      status,
      body: content,
      headers: own,
    } = isFull
      ? (answer as { status: number; body?: unknown; headers?: Record<string, string> })
      : { status: 200, body: answer, headers: {} };
    response.writeHead(status, own);
    response.end(typeof content === 'string' ? content : JSON.stringify(content ?? {}));
  };
  const tls = { key: vector('chain/clouds.key'), cert: vector('chain/clouds.crt') };
  const server: Server = isTls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const store: TestStore = {
    url: `http://127.0.0.1:${port}`,
    port,
    seen,
    answer: () => ({ status: 404 }),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return store;
}
