import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AuditTrail } from '../audit/trail.ts';
import type { HttpConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { createBaseServer } from './base-server.ts';
import { auditRequests } from './limits/audit-requests.ts';
import { type CurrentKeys, createGuard, type ThreadClock } from './limits/guard.ts';
import { addBulkRoutes } from './routes/bulk.ts';
import { addCertRoute } from './routes/cert.ts';
import { addHealthRoutes, type Health } from './routes/healthz.ts';
import { addRecipientsRoute } from './routes/recipients.ts';
import { addRotateRoute } from './routes/rotate.ts';
import { addVerifyRoute } from './routes/verify.ts';
import { addWebRoute } from './routes/web.ts';

/** Methods that upstream's metrics distinguish. */
const COUNTED = /^(get|put|head|post|delete|connect|options|notify|trace|patch)$/;

/** What the HTTP API serves from. */
export interface HttpDeps extends Health, ThreadClock {
  readonly keys: CurrentKeys;
  readonly acceptV1Data: boolean;
  readonly config: Pick<HttpConfig, 'rateLimit' | 'readTimeoutMs' | 'writeTimeoutMs'>;
  readonly metrics: Pick<Metrics, 'httpRequests' | 'httpDuration'>;
  readonly log: Logger;
  readonly audit?: AuditTrail | undefined;
  /** Reads the sealing page; undefined where it is not served. */
  readonly readPage?: (() => Promise<string>) | undefined;
}

/** Builds the HTTP API with upstream's paths, methods and status codes. Never listens. */
export function buildServer(deps: HttpDeps): FastifyInstance {
  const { config, keys, acceptV1Data } = deps;
  const app = createBaseServer(config);
  const guard = createGuard(config.rateLimit, keys, deps);
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) =>
    refuse(deps, error, reply),
  );
  addHealthRoutes(app, deps);
  app.register((api, _options, done) => {
    measure(api, deps);
    addCertRoute(api, keys);
    addRecipientsRoute(api, keys);
    if (deps.readPage) addWebRoute(api, deps.readPage, deps);
    api.register((opening, _none, opened) => {
      readBodies(opening);
      writeAccessLines(opening, deps);
      addVerifyRoute(opening, keys, guard, acceptV1Data);
      addRotateRoute(opening, keys, guard);
      const onResults = deps.audit && auditRequests(opening, deps.audit);
      addBulkRoutes(opening, keys, guard, { acceptV1Data, onResults });
      opened();
    });
    done();
  });
  return app;
}

/** Reads bodies as bytes. */
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

/**
 * Logs who asked to open something, and the result. The line holds nothing that the peer wrote: the path is
 * the route's.
 */
function writeAccessLines(app: FastifyInstance, { log }: HttpDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    log.debug('request answered', {
      path: request.routeOptions.url,
      method: request.method,
      code: reply.statusCode,
      peer: request.socket.remoteAddress,
      durationMs: Math.round(reply.elapsedTime),
    });
  });
}

/** An answer holds nothing but its status: too large, not readable, or a fault of the controller. */
async function refuse(
  { log }: HttpDeps,
  { statusCode = 500 }: { readonly statusCode?: number },
  reply: FastifyReply,
): Promise<void> {
  const code = statusCode === 413 ? 413 : statusCode < 500 ? 400 : 500;
  // a peer that closed the connection needs no line
  const isOurFault = code === 500 && !reply.request.raw.readableAborted;
  if (isOurFault) log.error('request failed', { path: reply.request.routeOptions.url });
  await reply.code(code).send();
}
