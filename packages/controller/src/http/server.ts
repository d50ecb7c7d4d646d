import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { BODY_LIMITS, BodyGate } from './body-gate.ts';
import { limitConnections } from './connections.ts';
import type { HttpDeps } from './deps.ts';
import { addCertRoute } from './routes/cert.ts';
import { addHealthRoutes } from './routes/healthz.ts';
import { addRotateRoute } from './routes/rotate.ts';
import { addVerifyRoute } from './routes/verify.ts';
import { createTurns } from './turns.ts';

/** Of requests that come without a body that anyone reads. */
const MAX_OTHER_BODY_BYTES = 1024;
const REQUESTS_OPENED_AT_ONCE = 2;
const TEXT = 'text/plain; charset=utf-8';

/** Builds the HTTP API with upstream's paths, methods and status codes. Never listens. */
export function buildServer(deps: HttpDeps): FastifyInstance {
  const app = Fastify({
    bodyLimit: MAX_OTHER_BODY_BYTES,
    requestTimeout: deps.config.readTimeoutMs,
    connectionTimeout: deps.config.writeTimeoutMs,
    forceCloseConnections: 'idle',
    frameworkErrors: (_error, _request, reply) => notFound(reply), // a path that cannot be decoded
  });
  limitConnections(app.server);
  acceptAnyBody(app);
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
    addVerifyRoute(api, routeDeps);
    addRotateRoute(api, routeDeps);
    done();
  });
  return app;
}

/** Content-Type is the client's word and does not matter: bodies are bytes. */
function acceptAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (request) => {
    request.raw.headers['content-type'] = 'application/octet-stream';
  });
}

function measure(app: FastifyInstance, { metrics }: HttpDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    const labels = { path: request.routeOptions.url ?? '', method: request.method.toLowerCase() };
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
