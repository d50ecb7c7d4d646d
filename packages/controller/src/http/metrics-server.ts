import Fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** Builds the server of `/metrics`. Never listens. */
export function buildMetricsServer(registry: Registry): FastifyInstance {
  const app = Fastify({ forceCloseConnections: 'idle', bodyLimit: 1024 });
  app.all('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain; charset=utf-8').send('404 page not found\n'),
  );
  return app;
}
