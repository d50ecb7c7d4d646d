const MAPPED = /^::ffff:(?=\d+\.)/i;
const GROUPS_OF_NETWORK = 4;

/**
 * The peer whose limits an address counts for. An IPv4 address counts for itself, an IPv6 address for its
 * /64, because anyone who has one address of such a network often has all of them. The address is the
 * socket's; the client chooses its headers.
 */
export function peerOf(address: string | undefined): string {
  const text = (address ?? '').replace(/%.*$/, '').replace(MAPPED, '');
  if (!text.includes(':')) return text;
  const [before = '', after] = text.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after ? after.split(':') : [];
  const gap = 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: gap }, () => '0'), ...tail];
  return `${groups.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}

/** How many of something each peer uses at the moment. A peer that uses none takes no memory. */
export type PeerCounts = Map<string, number>;

/** One more for a peer. */
export function addOne(counts: PeerCounts, peer: string): void {
  counts.set(peer, (counts.get(peer) ?? 0) + 1);
}

/** One less for a peer, which is forgotten with its last one. */
export function removeOne(counts: PeerCounts, peer: string): void {
  const left = (counts.get(peer) ?? 0) - 1;
  if (left > 0) counts.set(peer, left);
  else counts.delete(peer);
}
