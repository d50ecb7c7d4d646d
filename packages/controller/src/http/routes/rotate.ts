import { resealSecret, SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import { MAX_BODY_BYTES, readSealedSecret } from '../limits/body.ts';
import { TEXT } from '../limits/broken-requests.ts';
import { type CurrentKeys, type Guard, newestKeys, OPENING } from '../limits/guard.ts';

/**
 * `/v1/rotate`: the SealedSecret with every item sealed again for the newest key of its format, under the
 * label that opened it; 500 and nothing else for every failure. So is a value for several keys: the
 * controller does not have the public keys of the others, and must not lose them. The template is returned
 * unchanged. Legacy data is refused: its envelope also holds metadata, which the result would reveal.
 */
export function addRotateRoute(app: FastifyInstance, keys: CurrentKeys, guard: Guard): void {
  const options = { onRequest: guard.admit, bodyLimit: MAX_BODY_BYTES };
  app.all('/v1/rotate', options, async (request, reply) => {
    try {
      const { keyRing, newest } = keys;
      if (!newest) return reply.code(500).send();
      const recipient = newestKeys(keys);
      const charged = <Result>(work: () => Result) => guard.charge(request, work);
      const sealedSecret = charged(() => readSealedSecret(request.body));
      const reseal = () => resealSecret(sealedSecret, keyRing, recipient, OPENING);
      const resealed = await guard.open(request, reseal);
      return reply.type(TEXT).send(charged(() => JSON.stringify(resealed))); // upstream's type is sniffed
    } catch (error) {
      if (error instanceof SealedSecretsError) return reply.code(500).send();
      throw error;
    }
  });
}
