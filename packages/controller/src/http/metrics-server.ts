import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import type { HttpConfig } from '../config/config.ts';
import { createBaseServer } from './base-server.ts';
import { TEXT } from './limits/broken-requests.ts';
import { peerOf } from './limits/peer.ts';
import { PeerLimiter } from './limits/rate-limit.ts';
import { RequestGate, type RequestLimits } from './limits/request-gate.ts';
import { type RenderingClock, shareRendering } from './shared-rendering.ts';

/** Far more than a pair of Prometheus servers and a person need. */
const RATE = { perSecond: 20, burst: 100 };
/**
 * An answer with 20,000 series has 3 MB, which stay in memory while the peer does not read them: 48 MB at
 * most, for as long as a scrape may take.
 */
const ANSWERS: RequestLimits = { total: 16, perPeer: 4, timeoutMs: 10_000 };

/** What the server of metrics needs. */
export interface MetricsServerDeps extends RenderingClock {
  readonly registry: Pick<Registry, 'contentType' | 'metrics'>;
  readonly config: Pick<HttpConfig, 'readTimeoutMs' | 'writeTimeoutMs'>;
}

/** Builds the server of `/metrics`. Never listens. */
export function buildMetricsServer({ registry, config, ...clock }: MetricsServerDeps): FastifyInstance {
  const app = createBaseServer(config);
  const limiter = new PeerLimiter(RATE);
  const answers = new RequestGate(ANSWERS);
  const rendered = shareRendering(() => registry.metrics(), clock);
  const admit = async (request: FastifyRequest, reply: FastifyReply) => {
    const refuse = (code: number) => reply.code(code).header('connection', 'close').type(TEXT);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405).header('allow', 'GET, HEAD').send('Method Not Allowed\n');
    if (hasBody(request)) return refuse(400).send('Bad Request\n');
    const verdict = limiter.take(peerOf(request.socket.remoteAddress), clock.nowMs());
    if (!verdict.isAllowed) return refuse(429).header('retry-after', '1').send('limit exceeded\n');
    if (!answers.enter(request, reply, (late) => late.socket.destroy()))
      return refuse(503).header('retry-after', '1').send('too many requests under way\n');
    return undefined;
  };
  app.all('/metrics', { onRequest: admit }, async (_request, reply) =>
    reply.type(registry.contentType).send(await rendered()),
  );
  return app;
}

/** RFC 9112 §6: a request has a body where one of these says so. */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}
