import {
  type KeyRing,
  type NewRecipient,
  openItems,
  resealStale,
  type SealedSecret,
  SealedSecretsError,
} from '@fuin/crypto-core';
import { mapConcurrently } from '@fuin/crypto-core/map-concurrently';
import type { FastifyInstance } from 'fastify';
import type { OnResults } from '../limits/audit-requests.ts';
import { MAX_BODY_BYTES } from '../limits/body.ts';
import { readSealedSecrets } from '../limits/bulk-body.ts';
import { type CurrentKeys, type Guard, newestKeys, OPENING } from '../limits/guard.ts';
import { meteredRing } from '../limits/metered-ring.ts';
import { sealedItems } from './verify.ts';

/** What verify or rotate would answer about one object. `429`: not tried, ask again. */
interface Result {
  readonly status: 200 | 409 | 429 | 500;
  /** Of rotate. */
  readonly sealedSecret?: SealedSecret;
}

interface BulkWork {
  /** Opens one object. @throws SealedSecretsError for every way of failing */
  readonly open: (sealedSecret: SealedSecret, keyRing: KeyRing, recipient: NewRecipient) => Promise<Result>;
  /** The answer for an object that does not open. */
  readonly refusal: Result;
}

/** How bulk requests are answered. */
export interface BulkOptions {
  readonly acceptV1Data: boolean;
  readonly onResults?: OnResults | undefined;
}

/** Items that one turn opens before others have theirs: some hundredths of a second with RSA-4096. */
const ITEMS_PER_TURN = 64;
/** The work of a request uses as many threads as that of a single object. */
const OBJECTS_AT_ONCE = OPENING.itemsAtOnce ?? 1;
const MAX_MISSES = OPENING.maxMisses ?? Number.POSITIVE_INFINITY;
const UNREADABLE: Result = { status: 500 };
const NOT_TRIED: Result = { status: 429 };

/**
 * `/v1/bulk/verify` and `/v1/bulk/rotate`: many SealedSecrets at once, each with the status that the single
 * route answers, and nothing else about it. Rotate leaves items as they are that are sealed with the newest
 * key of their format. A batch opens its objects in turns with the requests of all others.
 */
export function addBulkRoutes(
  app: FastifyInstance,
  keys: CurrentKeys,
  guard: Guard,
  { acceptV1Data, onResults }: BulkOptions,
): void {
  const options = { onRequest: guard.admitBulk, bodyLimit: MAX_BODY_BYTES };
  for (const [path, work] of Object.entries(worksOf(acceptV1Data))) {
    app.post(path, options, async (request, reply) => {
      const { keyRing, newest } = keys;
      const objects = guard.charge(request, () => read(request.body));
      if (!newest || objects === 'unreadable') return reply.code(500).send();
      if (objects === 'too many') return reply.code(413).send();
      const open = openerOf(work, keyRing, newestKeys(keys));
      const turns = turnsOf(objects).map((turn) => () => mapConcurrently(turn, OBJECTS_AT_ONCE, open));
      const results = await guard.openInTurns(request, turns).catch(undefinedIfGone);
      if (!results) return reply.code(500).send();
      onResults?.(
        request,
        results.flat().map(({ status }) => status),
      );
      const body = guard.charge(request, () => JSON.stringify({ results: results.flat() }));
      return reply.type('application/json').send(body);
    });
  }
}

function worksOf(acceptV1Data: boolean): Readonly<Record<string, BulkWork>> {
  const options = { ...OPENING, itemsAtOnce: 1 };
  return {
    '/v1/bulk/verify': {
      refusal: { status: 409 },
      open: async (sealedSecret, keyRing) => {
        await openItems(sealedItems(sealedSecret, acceptV1Data), keyRing, options);
        return { status: 200 };
      },
    },
    '/v1/bulk/rotate': {
      refusal: { status: 500 },
      open: async (sealedSecret, keyRing, recipient) => ({
        status: 200,
        sealedSecret: await resealStale(sealedSecret, keyRing, recipient, options),
      }),
    },
  };
}

function read(body: unknown): (SealedSecret | undefined)[] | 'too many' | 'unreadable' {
  try {
    return readSealedSecrets(body);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    return error.code === 'ERR_OBJECT_TOO_LARGE' ? 'too many' : 'unreadable';
  }
}

type Open = (sealedSecret: SealedSecret | undefined) => Promise<Result>;

/**
 * Opens the objects of one request. Once too many wrong keys were tried, the other objects are not tried: a
 * refusal would say something wrong about them.
 */
function openerOf({ open, refusal }: BulkWork, keyRing: KeyRing, recipient: NewRecipient): Open {
  const { ring, misses } = meteredRing(keyRing);
  return async (sealedSecret) => {
    if (!sealedSecret) return UNREADABLE;
    if (misses() >= MAX_MISSES) return NOT_TRIED;
    try {
      return await open(sealedSecret, ring, recipient);
    } catch (error) {
      if (error instanceof SealedSecretsError) return refusal;
      throw error;
    }
  };
}

/** A peer that has gone loses its turns, and nobody reads the answer. */
function undefinedIfGone(error: unknown): undefined {
  if (!(error instanceof SealedSecretsError)) throw error;
}

/** The objects of each turn. */
function* turnsOf(objects: readonly (SealedSecret | undefined)[]): Generator<(SealedSecret | undefined)[]> {
  let turn: (SealedSecret | undefined)[] = [];
  let items = 0;
  for (const object of objects) {
    turn.push(object);
    items += Math.max(1, Object.keys(object?.spec.encryptedData ?? {}).length);
    if (items < ITEMS_PER_TURN) continue;
    yield turn;
    [turn, items] = [[], 0];
  }
  if (turn.length > 0) yield turn;
}
