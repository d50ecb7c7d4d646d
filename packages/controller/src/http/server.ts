import { METHODS } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { BODY_LIMITS, BodyGate } from './body-gate.ts';
import { createBrokenRequests } from './broken-requests.ts';
import { closeGently, limitConnections } from './connections.ts';
import type { HttpDeps } from './deps.ts';
import { addCertRoute } from './routes/cert.ts';
import { addHealthRoutes } from './routes/healthz.ts';
import { addRotateRoute } from './routes/rotate.ts';
import { addVerifyRoute } from './routes/verify.ts';
import { createTurns } from './turns.ts';

const REQUESTS_OPENED_AT_ONCE = 2;
const MAX_HEADERS_MS = 60_000;
const TEXT = 'text/plain; charset=utf-8';
/** Methods that upstream's metrics tell apart. */
const COUNTED = /^(get|put|head|post|delete|connect|options|notify|trace|patch)$/;

/** Builds the HTTP API with upstream's paths, methods and status codes. Never listens. */
export function buildServer(deps: HttpDeps): FastifyInstance {
  const broken = createBrokenRequests();
  const { readTimeoutMs, writeTimeoutMs } = deps.config;
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
  const bodies = new BodyGate(BODY_LIMITS);
  const routeDeps = { ...deps, bodies, inTurn: createTurns(REQUESTS_OPENED_AT_ONCE) };
  app.setNotFoundHandler((_request, reply) => notFound(reply));
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) =>
    refuse(deps, error, reply),
  );
  addHealthRoutes(app, deps);
  app.register((api, _options, done) => {
    measure(api, deps);
    addCertRoute(api, deps);
    api.register((opening, _none, opened) => {
      readBodies(opening);
      addVerifyRoute(opening, routeDeps);
      addRotateRoute(opening, routeDeps);
      opened();
    });
    done();
  });
  return app;
}

/**
 * Node holds a request to its time only where that was told when the server was made, is not shorter than the one for headers,
 * and only when it looks, which it does every half minute. Headers have a minute at most, whatever the flag says.
 */
function timeouts(requestTimeout: number) {
  const limitMs = Math.min(MAX_HEADERS_MS, requestTimeout || MAX_HEADERS_MS);
  return { requestTimeout, headersTimeout: limitMs, connectionsCheckingInterval: Math.ceil(limitMs / 4) };
}

/** As upstream's paths: any method, and any body, which is thrown away unread. Content-Type is the client's word and does not matter. */
function acceptAnyRequest(app: FastifyInstance): void {
  for (const method of METHODS)
    if (method !== 'CONNECT') app.addHttpMethod(method, { hasBody: true, overrideExisting: true });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, _payload, done) => done(null));
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream';
  });
}

/** Bodies are bytes. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function measure(app: FastifyInstance, { metrics }: HttpDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    const method = request.method.toLowerCase();
    const labels = {
      path: request.routeOptions.url ?? '',
      method: COUNTED.test(method) ? method : 'unknown',
    };
    metrics.httpRequests.inc({ ...labels, code: String(reply.statusCode) });
    metrics.httpDuration.observe(labels, reply.elapsedTime / 1000);
  });
}

async function notFound(reply: FastifyReply): Promise<void> {
  await reply.code(404).type(TEXT).send('404 page not found\n');
}

/** No answer says more than its status: too large, not readable, or our own fault. */
async function refuse(
  { log }: HttpDeps,
  { statusCode = 500 }: { readonly statusCode?: number },
  reply: FastifyReply,
): Promise<void> {
  const code = statusCode === 413 ? 413 : statusCode < 500 ? 400 : 500;
  const isOurFault = code === 500 && !reply.request.raw.readableAborted; // a peer that went away needs no line
  if (isOurFault) log.error('request failed', { path: reply.request.routeOptions.url });
  await reply.code(code).send();
}
