import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request to a fake. */
export interface FakeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a fake answers. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields: object;
}

/** A success. */
export function ok(fields: object): FakeAnswer {
  return { status: 200, fields };
}

/** A server of this machine. */
export interface JsonServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a server that answers in JSON. */
export async function startJsonServer(
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
): Promise<JsonServer> {
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '', headers } = request;
    const {
      status,
      headers: more = {},
      fields,
    } = await answer({ method, path, headers, body: await text(request) });
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(fields));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The token of a request; empty without one. */
export function bearerIn({ authorization = '' }: IncomingHttpHeaders): string {
  return authorization.replace(/^Bearer /, '');
}
