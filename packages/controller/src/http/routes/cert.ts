import type { FastifyInstance } from 'fastify';
import type { HttpDeps } from '../context.ts';

/** `/v1/cert.pem`: the certificate of the newest key, for anyone to seal with. */
export function addCertRoute(app: FastifyInstance, { keys }: HttpDeps): void {
  app.all('/v1/cert.pem', async (_request, reply) => {
    if (keys.newest) return reply.type('application/x-pem-file').send(keys.newest.certificatePem);
    // Retry-After makes clients of the API server's proxy wait for the first key instead of failing
    const refusal = reply.code(500).header('retry-after', '1').type('text/plain; charset=utf-8');
    return refusal.send('cannot get certificate\n');
  });
}
