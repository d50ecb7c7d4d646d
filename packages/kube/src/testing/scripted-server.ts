import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ServerAccess } from '../access/server-access.ts';
import { type ClientOptions, createApiClient, type SharedClient } from '../client/client.ts';
import { type ApiFailure, apiFailureOf } from '../transport/api-failure.ts';

/** Answers one request of a test. */
export type Handler = (
  request: IncomingMessage & { text: string },
  response: ServerResponse,
) => void | Promise<void>;
/** A server that answers as the script says until the test ends, and a client of it. */
export async function serve(
  handler: Handler,
  options: ClientOptions & Partial<ServerAccess> = {},
): Promise<{ client: SharedClient; server: Server }> {
  const server = createServer(async (incoming, response) => {
    let text = '';
    for await (const chunk of incoming) text += chunk;
    await handler(Object.assign(incoming, { text }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const access: ServerAccess = {
    server: `http://127.0.0.1:${port}`,
    namespace: 'default',
    tls: async () => ({}),
    authorization: async () => ({ authorization: 'Bearer t' }),
    ...(options.authorization && { authorization: options.authorization }),
  };
  const client = createApiClient(access, options);
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { client, server };
}

/** Answers with JSON, or with the text as it is. */
export function reply(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** A handler that answers every request with a Status object. */
export function refuse(code: number, reason: string, message = 'no', headers = {}): Handler {
  return (_request, response) =>
    reply(response, code, { kind: 'Status', metadata: {}, code, reason, message }, headers);
}

/** What an expected refusal says. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string; failure: ApiFailure | undefined }> {
  const error = await promise.then(
    () => {
      throw new Error('should have been refused');
    },
    (reason: Error & { code: string }) => reason,
  );
  return { code: error.code, message: error.message, failure: apiFailureOf(error) };
}
