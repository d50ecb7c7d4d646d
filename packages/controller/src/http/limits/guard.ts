import { type KeyRing, type OpenOptions, SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SealingKey } from '../../keys/key-secret.ts';
import { TEXT } from './broken-requests.ts';
import { peerOf } from './peer.ts';
import { PeerLimiter, type PeerRate, type Verdict } from './rate-limit.ts';
import { BODY_LIMITS, RequestGate, refuseLateBody } from './request-gate.ts';
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
  /** The key to seal with; undefined while there is none. */
  readonly newest: SealingKey | undefined;
}

/** Stands before all routes that open values. A peer has one rate for all of them together. */
export interface Guard {
  /**
   * Admits a request before its body is read: the peer's rate must allow it, there must be a key (without one
   * every answer would be a wrong no), and there must be room for one more body.
   */
  readonly admit: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>;
  /** Does work that keeps the only thread busy, up to its first pause, and charges the peer for the time. */
  readonly charge: <Result>(request: FastifyRequest, work: () => Result) => Result;
  /**
   * Opens and seals when it is the peer's turn, and charges the peer for the time. A peer that has left by
   * then loses its turn, and its body must not stay in memory.
   */
  readonly open: <Result>(request: FastifyRequest, work: () => Promise<Result>) => Promise<Result>;
}

/** Time on the only thread of a server. */
export interface ThreadClock {
  /** Milliseconds of a clock that never runs backwards. */
  readonly nowMs: () => number;
  /** Milliseconds that this thread has worked. */
  readonly busyMs: () => number;
}

/** Makes the guard of the routes that open values. */
export function createGuard(
  rateLimit: PeerRate,
  keys: Pick<CurrentKeys, 'newest'>,
  { nowMs, busyMs }: ThreadClock,
): Guard {
  const limiter = new PeerLimiter(rateLimit);
  const bodies = new RequestGate(BODY_LIMITS);
  const inTurn = createSemaphore(REQUESTS_OPENED_AT_ONCE);
  /**
   * Recorded on arrival: the socket of a peer that has hung up has no address, but the peer must still be
   * charged.
   */
  const peers = new WeakMap<FastifyRequest, string>();
  const peerAt = (request: FastifyRequest) => peers.get(request) ?? '';
  const charge: Guard['charge'] = (request, work) => {
    const startedMs = busyMs();
    try {
      return work();
    } finally {
      limiter.charge(peerAt(request), busyMs() - startedMs, nowMs());
    }
  };
  return {
    admit: async (request, reply) => {
      const peer = peerOf(request.socket.remoteAddress);
      peers.set(request, peer);
      const verdict = limiter.take(peer, nowMs());
      reply.headers(limitHeaders(verdict));
      if (!verdict.isAllowed) return reply.code(429).type(TEXT).send('limit exceeded\n');
      if (!keys.newest || !bodies.enter(request, reply, refuseLateBody))
        return reply.code(503).header('retry-after', '1').send();
      return undefined;
    },
    charge,
    open: (request, work) => {
      const peer = peerAt(request);
      const gone = new AbortController();
      const onClose = () => gone.abort(new SealedSecretsError('ERR_MANIFEST_INVALID', 'the peer has gone'));
      if (request.socket.destroyed) onClose();
      else request.socket.once('close', onClose);
      const opening = inTurn(
        peer,
        async () => {
          const startedMs = nowMs();
          try {
            return await charge(request, work);
          } finally {
            limiter.chargeOpening(peer, nowMs() - startedMs, nowMs());
          }
        },
        gone.signal,
      );
      return opening.finally(() => request.socket.off('close', onClose));
    },
  };
}

/** Upstream's headers, in whole seconds. */
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
    ...(isAllowed ? {} : { 'Retry-After': String(Math.ceil(retryAfterMs / 1000)) }),
  };
}
