import type { FastifyInstance } from 'fastify';
import type { HttpDeps } from '../server.ts';

const TEXT = 'text/plain; charset=utf-8';

/** `/healthz` says that the process answers, `/readyz` that it has its keys and knows the objects it works on. */
export function addHealthRoutes(app: FastifyInstance, { isReady }: HttpDeps): void {
  app.all('/healthz', async (_request, reply) => reply.type(TEXT).send('ok\n'));
  app.all('/readyz', async (_request, reply) =>
    isReady() ? reply.type(TEXT).send('ok\n') : reply.code(503).type(TEXT).send('not ready\n'),
  );
}
