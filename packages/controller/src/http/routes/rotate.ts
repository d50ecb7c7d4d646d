import { resealSecret, SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import { readSealedSecret } from '../body.ts';
import { guardRoute } from '../guard.ts';
import type { HttpDeps } from '../server.ts';

/**
 * `/v1/rotate`: the SealedSecret with every item sealed again for the newest key, under the label that opened it; 500
 * and nothing else for every failure. The template comes back as it went in. Legacy data is refused: its envelope holds
 * metadata too, which the result would show.
 */
export function addRotateRoute(app: FastifyInstance, { keys, ...deps }: HttpDeps): void {
  app.all('/v1/rotate', { onRequest: guardRoute({ keys, ...deps }) }, async (request, reply) => {
    try {
      const { keyRing, newest } = keys;
      if (!newest) return reply.code(500).send();
      const resealed = await resealSecret(readSealedSecret(request.body), keyRing, newest.keyPair.publicKey);
      return reply.type('text/plain; charset=utf-8').send(JSON.stringify(resealed)); // upstream's type is sniffed
    } catch (error) {
      if (error instanceof SealedSecretsError) return reply.code(500).send();
      throw error;
    }
  });
}
