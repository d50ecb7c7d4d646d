import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failBody } from './broken-requests.ts';
import { PeerCounts, peerOf } from './peer.ts';

/** How many requests may be under way at once, of all peers and of one of them, and how long each may take. */
export interface RequestLimits {
  readonly total: number;
  readonly perPeer: number;
  readonly timeoutMs: number;
  /** Where there is no place, an answer that is not taken makes room: kernels hold but a part of one. */
  readonly endsUntaken?: boolean;
}

interface Place {
  readonly peer: string;
  readonly isAnswered: () => boolean;
  readonly end: () => void;
}

/** 24 MiB of bodies; no peer alone can keep the others out. */
export const BODY_LIMITS: RequestLimits = { total: 8, perPeer: 4, timeoutMs: 10_000, endsUntaken: true };

/**
 * Counts requests that hold memory until they are answered: with what they send, or with what they take. Without it a peer
 * that is slow, as often as its rate allows, holds as much as it likes.
 */
export class RequestGate {
  readonly #limits: RequestLimits;
  readonly #ofPeers = new PeerCounts();
  /** In order of arrival. */
  readonly #places = new Set<Place>();

  constructor(limits: RequestLimits) {
    this.#limits = limits;
  }

  /** Takes a place until the reply is over; false when there is none. `onLate` is called when the time is up before. */
  enter(request: FastifyRequest, reply: FastifyReply, onLate: (request: FastifyRequest) => void): boolean {
    const peer = peerOf(request.socket.remoteAddress);
    if (!this.#hasRoom(peer) && this.#limits.endsUntaken) this.#endUntaken(peer);
    if (!this.#hasRoom(peer)) return false;
    const timer = setTimeout(() => onLate(request), this.#limits.timeoutMs);
    const place: Place = {
      peer,
      isAnswered: () => reply.raw.headersSent,
      end: () => {
        this.#leave(place); // now: the socket tells of its end later
        request.socket.destroy();
      },
    };
    this.#places.add(place);
    this.#ofPeers.add(peer);
    finished(reply.raw, () => {
      clearTimeout(timer);
      this.#leave(place);
    });
    return true;
  }

  #hasRoom(peer: string): boolean {
    return this.#places.size < this.#limits.total && this.#ofPeers.of(peer) < this.#limits.perPeer;
  }

  #endUntaken(peer: string): void {
    const isOwn = this.#ofPeers.of(peer) >= this.#limits.perPeer;
    const isUntaken = (place: Place) => place.isAnswered() && (!isOwn || place.peer === peer);
    [...this.#places].find(isUntaken)?.end();
  }

  #leave(place: Place): void {
    if (this.#places.delete(place)) this.#ofPeers.remove(place.peer);
  }
}

/** A body that is late is refused and loses its connection; one that came in time may be worked on for longer. */
export function refuseLateBody(request: FastifyRequest): void {
  if (!request.raw.readableEnded) failBody(request);
}
