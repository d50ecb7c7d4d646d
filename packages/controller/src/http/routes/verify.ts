import { openItems, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import { MAX_BODY_BYTES, readSealedSecret } from '../limits/body.ts';
import { type CurrentKeys, type Guard, OPENING } from '../limits/guard.ts';

/**
 * `/v1/verify`: 200 if every item opens, 409 if anything keeps an item from opening, 500 if the body is not a
 * SealedSecret. Answers are empty. Templates are not rendered: no label protects them, so the answer would
 * tell anyone who can read the object something about its plaintext.
 */
export function addVerifyRoute(
  app: FastifyInstance,
  keys: Pick<CurrentKeys, 'keyRing'>,
  guard: Guard,
  acceptV1Data: boolean,
): void {
  const options = { onRequest: guard.admit, bodyLimit: MAX_BODY_BYTES };
  app.all('/v1/verify', options, async (request, reply) => {
    const sealedSecret = guard.charge(request, () => read(request.body));
    if (!sealedSecret) return reply.code(500).send();
    const sealed = sealedItems(sealedSecret, acceptV1Data);
    const open = () => openItems(sealed, keys.keyRing, OPENING);
    const isOpened = await succeeds(guard.open(request, open));
    return reply.code(isOpened ? 200 : 409).send();
  });
}

function read(body: unknown): SealedSecret | undefined {
  try {
    return readSealedSecret(body);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

async function succeeds(opening: Promise<unknown>): Promise<boolean> {
  try {
    await opening;
    return true;
  } catch (error) {
    if (error instanceof SealedSecretsError) return false;
    throw error;
  }
}

/** What verify opens. Legacy data is one envelope and is opened like any other. */
export function sealedItems(sealedSecret: SealedSecret, acceptV1Data: boolean): SealedSecret {
  const { data, encryptedData } = sealedSecret.spec;
  if (data === undefined || !acceptV1Data || Object.keys(encryptedData).length > 0) return sealedSecret;
  return { ...sealedSecret, spec: { encryptedData: { data } } };
}
