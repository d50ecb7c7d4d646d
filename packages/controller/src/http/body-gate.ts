import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { failBody } from './broken-requests.ts';

/** How many bodies may be under way at once, of all peers and of one of them, and how long each may take to arrive. */
export interface BodyLimits {
  readonly total: number;
  readonly perPeer: number;
  readonly timeoutMs: number;
}

/** 24 MiB of bodies; no peer alone can keep the others out. */
export const BODY_LIMITS: BodyLimits = { total: 8, perPeer: 4, timeoutMs: 10_000 };

/**
 * Counts requests whose bodies are read and worked on. Without it a peer that sends slowly, as often as its rate allows,
 * holds as much memory as it likes.
 */
export class BodyGate {
  readonly #limits: BodyLimits;
  readonly #byPeer = new Map<string, number>();
  #total = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Takes a place until the reply is over; false when there is none. A body that is late is refused and loses its connection. */
  enter(request: FastifyRequest, reply: FastifyReply): boolean {
    const peer = request.socket.remoteAddress ?? '';
    const ofPeer = this.#byPeer.get(peer) ?? 0;
    if (this.#total >= this.#limits.total || ofPeer >= this.#limits.perPeer) return false;
    this.#total += 1;
    this.#byPeer.set(peer, ofPeer + 1);
    const timer = setTimeout(() => {
      if (!request.raw.readableEnded) failBody(request);
    }, this.#limits.timeoutMs);
    finished(reply.raw, () => {
      clearTimeout(timer);
      this.#leave(peer);
    });
    return true;
  }

  #leave(peer: string): void {
    this.#total -= 1;
    const ofPeer = (this.#byPeer.get(peer) ?? 1) - 1;
    if (ofPeer > 0) this.#byPeer.set(peer, ofPeer);
    else this.#byPeer.delete(peer);
  }
}
