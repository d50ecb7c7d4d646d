import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { HttpConfig } from '../config/config.ts';
import { createBrokenRequests, TEXT } from './limits/broken-requests.ts';
import { closeGently, limitConnections } from './limits/connections.ts';

const MAX_HEADERS_MS = 60_000;

/**
 * Makes a server without routes that no peer can block: connections are counted, requests and answers have
 * time limits, and a body that no route reads is discarded. Broken requests and unknown paths are answered
 * like Go's server does.
 */
export function createBaseServer({
  readTimeoutMs,
  writeTimeoutMs,
}: Pick<HttpConfig, 'readTimeoutMs' | 'writeTimeoutMs'>): FastifyInstance {
  const broken = createBrokenRequests();
  const app = Fastify({
    requestTimeout: readTimeoutMs,
    connectionTimeout: writeTimeoutMs,
    http: timeouts(readTimeoutMs),
    forceCloseConnections: 'idle',
    clientErrorHandler: broken.onClientError,
    frameworkErrors: (_error, _request, reply) => notFound(reply), // a path that cannot be decoded
  });
  limitConnections(app.server);
  closeGently(app.server);
  app.addHook('onRequest', (_request, reply, done) => {
    broken.begin(reply);
    done();
  });
  acceptAnyRequest(app);
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  return app;
}

/**
 * Node enforces the time limit of a request only if it is set when the server is created and is not shorter
 * than the limit for headers, and it checks only every half minute. Headers have a minute at most, whatever
 * the flag says.
 */
function timeouts(requestTimeout: number) {
  const limitMs = Math.min(MAX_HEADERS_MS, requestTimeout || MAX_HEADERS_MS);
  return { requestTimeout, headersTimeout: limitMs, connectionsCheckingInterval: Math.ceil(limitMs / 4) };
}

/**
 * Like upstream's paths: any method, and any body, which is discarded. The client chooses Content-Type, so it
 * does not matter.
 */
function acceptAnyRequest(app: FastifyInstance): void {
  // not an import: that reads every export of the module, and some of them load fetch
  const { METHODS } = process.getBuiltinModule('node:http');
  for (const method of METHODS)
    if (method !== 'CONNECT') app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream';
  });
}

async function notFound(reply: FastifyReply): Promise<void> {
  await reply.code(404).type(TEXT).send('404 page not found\n');
}
