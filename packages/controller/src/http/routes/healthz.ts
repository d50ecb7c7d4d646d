import type { FastifyInstance, FastifyReply } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';

/** What the process reports about itself. */
export interface Health {
  readonly isReady: () => boolean;
  /** False if a loop is stuck for good. */
  readonly isLive: () => boolean;
}

/**
 * `/healthz` says that the process answers and its loops make progress; a missing API server does not count
 * against it. `/readyz` says that the process has its keys and knows the objects it works on.
 */
export function addHealthRoutes(app: FastifyInstance, { isReady, isLive }: Health): void {
  const answer = (reply: FastifyReply, isGood: boolean, otherwise: string) =>
    reply
      .code(isGood ? 200 : 503)
      .type(TEXT)
      .send(isGood ? 'ok\n' : otherwise);
  app.all('/healthz', async (_request, reply) => answer(reply, isLive(), 'a watch is stuck\n'));
  app.all('/readyz', async (_request, reply) => answer(reply, isReady(), 'not ready\n'));
}
