import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RouteDeps } from './deps.ts';
import { PeerLimiter, type Verdict } from './rate-limit.ts';

const TEXT = 'text/plain; charset=utf-8';

/**
 * What stands before a route that opens values: the peer's own rate, checked before the body is read, a ring with keys in
 * it (without one every answer would be a false no), and room for one more body.
 */
export function guardRoute({ config, keys, nowMs, bodies }: RouteDeps) {
  const limiter = new PeerLimiter(config.rateLimit);
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const verdict = limiter.take(request.socket.remoteAddress ?? '', nowMs());
    reply.headers(limitHeaders(verdict));
    if (!verdict.isAllowed) return reply.code(429).type(TEXT).send('limit exceeded\n');
    if (!keys.newest || !bodies.enter(request, reply))
      return reply.code(503).header('retry-after', '1').send();
    return undefined;
  };
}

/** Upstream's headers, in whole seconds. */
function limitHeaders({
  limit,
  remaining,
  resetMs,
  retryAfterMs,
  isAllowed,
}: Verdict): Record<string, string> {
  return {
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': String(remaining),
    'X-RateLimit-Reset': String(Math.ceil(resetMs / 1000)),
    ...(isAllowed ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
  };
}
