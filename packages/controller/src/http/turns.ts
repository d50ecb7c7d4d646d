import { PeerCounts } from './peer.ts';

/** Runs a task of a peer when its turn has come. */
export type InTurn = <Result>(peer: string, task: () => Promise<Result>) => Promise<Result>;

/** Lets so many tasks run at once, of all peers and of one; the others wait in the order in which they came. */
export function createTurns({
  total,
  perPeer,
}: {
  readonly total: number;
  readonly perPeer: number;
}): InTurn {
  const waiting: { readonly peer: string; readonly start: () => void }[] = [];
  const running = new PeerCounts();
  let free = total;
  const startNext = () => {
    const index = free > 0 ? waiting.findIndex(({ peer }) => running.of(peer) < perPeer) : -1;
    const [next] = index < 0 ? [] : waiting.splice(index, 1);
    if (!next) return;
    free -= 1;
    running.add(next.peer);
    next.start();
  };
  return async (peer, task) => {
    await new Promise<void>((start) => {
      waiting.push({ peer, start });
      startNext();
    });
    try {
      return await task();
    } finally {
      free += 1;
      running.remove(peer);
      startNext();
    }
  };
}
