import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { addOne, type PeerCounts, peerOf, removeOne } from './peer.ts';

const MAX_CONNECTIONS = 512;
const MAX_CONNECTIONS_PER_ADDRESS = 64;
/**
 * The Pods of one node, or of all nodes, may share an IPv6 /64 with the node whose kubelet probes this
 * process.
 */
const MAX_CONNECTIONS_PER_NETWORK = 256;
/**
 * Longer than a body of 3 MiB takes on a slow line. Connections are counted, and everything read in this time
 * is discarded.
 */
const LINGER_MS = 5_000;

/**
 * Keeps idle connections from filling memory, and one peer from taking all connections: the liveness probe
 * needs one too.
 */
export function limitConnections(server: Server): void {
  const ofAddresses: PeerCounts = new Map();
  const ofNetworks: PeerCounts = new Map();
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    const { remoteAddress: address = '' } = socket;
    const network = peerOf(address);
    const isTooMuch =
      (ofAddresses.get(address) ?? 0) >= MAX_CONNECTIONS_PER_ADDRESS ||
      (ofNetworks.get(network) ?? 0) >= MAX_CONNECTIONS_PER_NETWORK;
    if (isTooMuch) {
      socket.destroy();
      return;
    }
    addOne(ofAddresses, address);
    addOne(ofNetworks, network);
    socket.once('close', () => {
      removeOne(ofAddresses, address);
      removeOne(ofNetworks, network);
    });
  });
}

/**
 * Ends connections so that the last answer arrives. Node closes a socket right after the answer. If the peer
 * is still sending, for example a body that is too large, the kernel then sends a reset, which discards what
 * the peer has not read yet (RFC 9112 §9.6).
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
