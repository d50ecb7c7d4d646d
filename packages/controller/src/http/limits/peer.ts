const MAPPED = /^::ffff:(?=\d+\.)/i;
const GROUPS_OF_NETWORK = 4;

/**
 * Whose limits an address counts for: an IPv4 address for itself, an IPv6 one for its /64, since whoever holds one address
 * of such a network often has them all. An address is what the socket says; headers are the client's to choose.
 */
export function peerOf(address: string | undefined): string {
  const text = (address ?? '').replace(/%.*$/, '').replace(MAPPED, '');
  if (!text.includes(':')) return text;
  const [before = '', after] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after ? after.split(':') : [];
  const gap = after === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  return `${groups.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}

/** How many of something each peer has under way. */
export class PeerCounts {
  readonly #counts = new Map<string, number>();

  of(peer: string): number {
    return this.#counts.get(peer) ?? 0;
  }

  add(peer: string): void {
    this.#counts.set(peer, this.of(peer) + 1);
  }

  remove(peer: string): void {
    const left = this.of(peer) - 1;
    if (left > 0) this.#counts.set(peer, left);
    else this.#counts.delete(peer);
  }
}
