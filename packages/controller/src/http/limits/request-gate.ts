import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failBody } from './broken-requests.ts';
import { addOne, type PeerCounts, peerOf, removeOne } from './peer.ts';

/** How many requests may be in progress at once, of all peers and of one, and how long each may take. */
export interface RequestLimits {
  readonly total: number;
  readonly perPeer: number;
  readonly timeoutMs: number;
  /**
   * If there is no room, an answer that its peer does not read is ended: kernels buffer only a part of an
   * answer.
   */
  readonly endsUntaken?: boolean;
}

interface Place {
  readonly peer: string;
  readonly isAnswered: () => boolean;
  readonly end: () => void;
}

/** 24 MiB of bodies. No peer alone can keep the others out. */
export const BODY_LIMITS: RequestLimits = { total: 8, perPeer: 4, timeoutMs: 10_000, endsUntaken: true };

/** Of these, bulk requests, which take longer: the others find places at any time. */
export const BULK_LIMITS: RequestLimits = { ...BODY_LIMITS, total: 4, perPeer: 2 };

/**
 * Counts requests that use memory until they are answered, for their body or their answer. Without it, a slow
 * peer could use unlimited memory, at the pace of its rate.
 */
export class RequestGate {
  readonly #limits: RequestLimits;
  readonly #ofPeers: PeerCounts = new Map();
  /** In order of arrival. */
  readonly #places = new Set<Place>();

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a place until the reply is finished; returns false if there is none. `onLate` is called if the time
   * is up before that.
   */
  enter(request: FastifyRequest, reply: FastifyReply, onLate: (request: FastifyRequest) => void): boolean {
    const peer = peerOf(request.socket.remoteAddress);
    if (!this.#hasRoom(peer) && this.#limits.endsUntaken) this.#endUntaken(peer);
    if (!this.#hasRoom(peer)) return false;
    const timer = setTimeout(() => onLate(request), this.#limits.timeoutMs);
    const place: Place = {
      peer,
      isAnswered: () => reply.raw.headersSent,
      end: () => {
        this.#leave(place); // at once: the socket reports its end later
        request.socket.destroy();
      },
    };
    this.#places.add(place);
    addOne(this.#ofPeers, peer);
    finished(reply.raw, () => {
      clearTimeout(timer);
      this.#leave(place);
    });
    return true;
  }

  #hasRoom(peer: string): boolean {
    return this.#places.size < this.#limits.total && (this.#ofPeers.get(peer) ?? 0) < this.#limits.perPeer;
  }

  #endUntaken(peer: string): void {
    const isOwn = (this.#ofPeers.get(peer) ?? 0) >= this.#limits.perPeer;
    const isUntaken = (place: Place) => place.isAnswered() && (!isOwn || place.peer === peer);
    [...this.#places].find(isUntaken)?.end();
  }

  #leave(place: Place): void {
    if (this.#places.delete(place)) removeOne(this.#ofPeers, place.peer);
  }
}

/**
 * A late body is refused and its connection closed. If the body came in time, the work on it may take longer.
 */
export function refuseLateBody(request: FastifyRequest): void {
  if (!request.raw.readableEnded) failBody(request);
}
