import type { FastifyInstance } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';
import type { CurrentKeys } from '../limits/guard.ts';

/** `/v1/cert.pem`: the certificate of the newest key, for anyone to seal with. */
export function addCertRoute(app: FastifyInstance, keys: Pick<CurrentKeys, 'newest'>): void {
  app.all('/v1/cert.pem', async (_request, reply) => {
    if (keys.newest) return reply.type('application/x-pem-file').send(keys.newest.published);
    // Retry-After makes clients of the API server's proxy wait for the first key instead of failing
    const refusal = reply.code(500).header('retry-after', '1').type(TEXT);
    return refusal.send('cannot get certificate\n');
  });
}
