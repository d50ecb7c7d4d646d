import { addOne, type PeerCounts, removeOne } from './peer.ts';

/**
 * Runs a task of a peer when it is the peer's turn; rejects with the reason of `gone` if that aborts before.
 */
export type RunInTurn = <Result>(
  peer: string,
  task: () => Promise<Result>,
  gone?: AbortSignal,
) => Promise<Result>;

/**
 * Lets a limited number of tasks run at once, of all peers and of one. The others wait in order of arrival.
 */
export function createSemaphore({
  total,
  perPeer,
}: {
  readonly total: number;
  readonly perPeer: number;
}): RunInTurn {
  const waiting = new Set<{ readonly peer: string; readonly start: () => void }>();
  const running: PeerCounts = new Map();
  let free = total;
  const startNext = () => {
    const next =
      free > 0 ? waiting.values().find(({ peer }) => (running.get(peer) ?? 0) < perPeer) : undefined;
    if (!next) return;
    waiting.delete(next);
    free -= 1;
    addOne(running, next.peer);
    next.start();
  };
  return async (peer, task, gone) => {
    gone?.throwIfAborted();
    await new Promise<void>((start, reject) => {
      const turn = { peer, start };
      waiting.add(turn);
      gone?.addEventListener('abort', () => waiting.delete(turn) && reject(gone.reason), { once: true });
      startNext();
    });
    try {
      return await task();
    } finally {
      free += 1;
      removeOne(running, peer);
      startNext();
    }
  };
}
