import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const MAX_CONNECTIONS = 512;
const MAX_CONNECTIONS_PER_PEER = 64;
/** Longer than a body of 3 MiB takes on a slow line; connections are counted, and what is read meanwhile is thrown away. */
const LINGER_MS = 5_000;

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

/**
 * Ends connections so that the last answer arrives. Node closes a socket right after it: where the peer still sends, as with
 * a body that is too large, the kernel then sends a reset, which throws away what the peer has not read yet
 * (RFC 9112 §9.6).
 */
export function closeGently(server: Server): void {
  server.on('connection', (socket) => {
    socket.destroySoon = () => linger(socket);
  });
}

function linger(socket: Socket): void {
  if (socket.writable) socket.end();
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(timer));
}
