import type { Server } from 'node:http';

const MAX_CONNECTIONS = 512;
const MAX_CONNECTIONS_PER_PEER = 64;

/**
 * Keeps connections that only wait from filling memory, and one peer from taking all: the probe that asks whether this
 * process lives comes over a connection too.
 */
export function limitConnections(server: Server): void {
  const byPeer = new Map<string, number>();
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    const peer = socket.remoteAddress ?? '';
    const count = byPeer.get(peer) ?? 0;
    if (count >= MAX_CONNECTIONS_PER_PEER) {
      socket.destroy();
      return;
    }
    byPeer.set(peer, count + 1);
    socket.once('close', () => {
      const left = (byPeer.get(peer) ?? 1) - 1;
      if (left > 0) byPeer.set(peer, left);
      else byPeer.delete(peer);
    });
  });
}
