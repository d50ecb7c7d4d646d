import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failBody } from './broken-requests.ts';
import { PeerCounts, peerOf } from './peer.ts';

/** How many requests may be under way at once, of all peers and of one of them, and how long each may take. */
export interface RequestLimits {
  readonly total: number;
  readonly perPeer: number;
  readonly timeoutMs: number;
}

/** 24 MiB of bodies; no peer alone can keep the others out. */
export const BODY_LIMITS: RequestLimits = { total: 8, perPeer: 4, timeoutMs: 10_000 };

/**
 * Counts requests that hold memory until they are answered: with what they send, or with what they take. Without it a peer
 * that is slow, as often as its rate allows, holds as much as it likes.
 */
export class RequestGate {
  readonly #limits: RequestLimits;
  readonly #ofPeers = new PeerCounts();
  #total = 0;

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Takes a place until the reply is over; false when there is none. `onLate` is called when the time is up before. */
  enter(request: FastifyRequest, reply: FastifyReply, onLate: (request: FastifyRequest) => void): boolean {
    const peer = peerOf(request.socket.remoteAddress);
    if (this.#total >= this.#limits.total || this.#ofPeers.of(peer) >= this.#limits.perPeer) return false;
    this.#total += 1;
    this.#ofPeers.add(peer);
    const timer = setTimeout(() => onLate(request), this.#limits.timeoutMs);
    finished(reply.raw, () => {
      clearTimeout(timer);
      this.#total -= 1;
      this.#ofPeers.remove(peer);
    });
    return true;
  }
}

/** A body that is late is refused and loses its connection; one that came in time may be worked on for longer. */
export function refuseLateBody(request: FastifyRequest): void {
  if (!request.raw.readableEnded) failBody(request);
}
