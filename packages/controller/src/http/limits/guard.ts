import { type KeyRing, type NewRecipient, type OpenOptions, SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SealingKey } from '../../keys/key-secret.ts';
import { TEXT } from './broken-requests.ts';
import { peerOf } from './peer.ts';
import { PeerLimiter, type PeerRate, type Verdict } from './rate-limit.ts';
import { BODY_LIMITS, BULK_LIMITS, RequestGate, refuseLateBody } from './request-gate.ts';
import { createSemaphore } from './semaphore.ts';

/** Requests with thousands of items must leave the reconciler, and other peers, their share of the cores. */
const REQUESTS_OPENED_AT_ONCE = { total: 2, perPeer: 1 };

/**
 * How verify and rotate open items: the first one that cannot be opened decides, and few at once leave the
 * reconciler its share. An object that grew over the years holds items of a few keys; a hostile one may use
 * another key for each item.
 */
export const OPENING: OpenOptions = { itemsAtOnce: 4, stopsAtFailure: true, maxMisses: 1_000 };

/** The keys as they are right now. */
export interface CurrentKeys {
  readonly keyRing: KeyRing;
  /** The RSA key to seal with; undefined while there is none. */
  readonly newest: SealingKey | undefined;
  /** The keys of format v2 that one may seal with, newest first. */
  readonly offeredV2: readonly SealingKey[];
}

/**
 * For which keys values are sealed again: each value for the newest one of its format. A value of format v2
 * never becomes one of v1, and while there is no key for it, it is refused.
 */
export function newestKeys({ newest, offeredV2 }: Pick<CurrentKeys, 'newest' | 'offeredV2'>): NewRecipient {
  const [newestV2] = offeredV2;
  return {
    ...(newest ? { v1: newest.keyPair } : {}),
    ...(newestV2 ? { v2: newestV2.keyPair } : {}),
  };
}

type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;

/** Stands before all routes that open values. A peer has one rate for verify and rotate, and one for bulk. */
export interface Guard {
  /**
   * Admits a request before its body is read: the peer's rate must allow it, there must be a key (without one
   * every answer would be a wrong no), and there must be room for one more body.
   */
  readonly admit: Admit;
  /**
   * Admits a bulk request. Its rate is the same, and separate: behind the API server's proxy all users are
   * one peer, and nobody waits for another one's batch.
   */
  readonly admitBulk: Admit;
  /** Does work that keeps the only thread busy, up to its first pause, and charges the peer for the time. */
  readonly charge: <Result>(request: FastifyRequest, work: () => Result) => Result;
  /**
   * Opens and seals when it is the peer's turn, and charges the peer for the time. A peer that has left by
   * then loses its turn, and its body must not stay in memory.
   */
  readonly open: <Result>(request: FastifyRequest, work: () => Promise<Result>) => Promise<Result>;
  /** The same for work in several parts: between them, others have their turns. */
  readonly openInTurns: <Result>(
    request: FastifyRequest,
    parts: Iterable<() => Promise<Result>>,
  ) => Promise<Result[]>;
}

/** Time on the only thread of a server. */
export interface ThreadClock {
  /** Milliseconds of a clock that never runs backwards. */
  readonly nowMs: () => number;
  /** Milliseconds that this thread has worked. */
  readonly busyMs: () => number;
}

/** Whom a request counts for. Recorded on arrival: the socket of a peer that has hung up has no address. */
interface Account {
  readonly peer: string;
  /** Under which name the limiter knows this kind of request of the peer. */
  readonly rate: string;
}

const NOBODY: Account = { peer: '', rate: '' };
const bulkRateOf = (peer: string) => `bulk of ${peer}`;

/** Makes the guard of the routes that open values. */
export function createGuard(
  rateLimit: PeerRate,
  keys: Pick<CurrentKeys, 'newest'>,
  { nowMs, busyMs }: ThreadClock,
): Guard {
  const limiter = new PeerLimiter(rateLimit);
  const [bodies, bulkBodies] = [new RequestGate(BODY_LIMITS), new RequestGate(BULK_LIMITS)];
  const inTurn = createSemaphore(REQUESTS_OPENED_AT_ONCE);
  const accounts = new WeakMap<FastifyRequest, Account>();
  const accountOf = (request: FastifyRequest) => accounts.get(request) ?? NOBODY;
  const admitTo =
    (gates: readonly RequestGate[], rateOf: (peer: string) => string): Admit =>
    async (request, reply) => {
      const peer = peerOf(request.socket.remoteAddress);
      const rate = rateOf(peer);
      accounts.set(request, { peer, rate });
      const verdict = limiter.take(rate, nowMs());
      reply.headers(limitHeaders(verdict));
      if (!verdict.isAllowed) return reply.code(429).type(TEXT).send('limit exceeded\n');
      if (!keys.newest || !gates.every((gate) => gate.enter(request, reply, refuseLateBody)))
        return reply.code(503).header('retry-after', '1').send();
      return undefined;
    };
  const charge: Guard['charge'] = (request, work) => {
    const startedMs = busyMs();
    try {
      return work();
    } finally {
      const { peer } = accountOf(request);
      const ms = busyMs() - startedMs;
      // there is one thread: what one kind of request used, the other may not use again
      for (const rate of [peer, bulkRateOf(peer)]) limiter.charge(rate, ms, nowMs());
    }
  };
  const openInTurns: Guard['openInTurns'] = async (request, parts) => {
    const { peer, rate } = accountOf(request);
    const results = [];
    let openingMs = 0;
    const { gone, forget } = goneSignal(request);
    try {
      for (const part of parts) {
        const turn = async () => {
          const startedMs = nowMs();
          const opening = charge(request, part);
          return opening.finally(() => {
            openingMs += nowMs() - startedMs;
          });
        };
        results.push(await inTurn(peer, turn, gone));
      }
      return results;
    } finally {
      limiter.chargeOpening(rate, openingMs, nowMs());
      forget();
    }
  };
  return {
    admit: admitTo([bodies], (peer) => peer),
    admitBulk: admitTo([bulkBodies, bodies], bulkRateOf),
    charge,
    open: async (request, work) => {
      const [result] = await openInTurns(request, [work]);
      return result as Awaited<ReturnType<typeof work>>; // one part has one result
    },
    openInTurns,
  };
}

/** Aborts when the peer closes its connection. */
function goneSignal({ socket }: FastifyRequest): { readonly gone: AbortSignal; readonly forget: () => void } {
  const gone = new AbortController();
  const onClose = () => gone.abort(new SealedSecretsError('ERR_MANIFEST_INVALID', 'the peer has gone'));
  if (socket.destroyed) onClose();
  else socket.once('close', onClose);
  return { gone: gone.signal, forget: () => socket.off('close', onClose) };
}

/** Upstream's headers, in whole seconds, and the same wait without the rest of a second. */
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
    ...(isAllowed
      ? {}
      : {
          'Retry-After': String(Math.ceil(retryAfterMs / 1000)),
          'Retry-After-Ms': String(Math.ceil(retryAfterMs)),
        }),
  };
}
