import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { AuditTrail } from '../../audit/trail.ts';
import { peerOf } from './peer.ts';

/** Tells what a bulk request answered about each object. */
export type OnResults = (request: FastifyRequest, statuses: readonly number[]) => void;

/**
 * Counts the requests of these routes in the audit log, refused ones too. The peer is the socket's: what came
 * through the API server counts for the API server, whose own audit log knows the user.
 */
export function auditRequests(app: FastifyInstance, audit: AuditTrail): OnResults {
  const peers = new WeakMap<FastifyRequest, string>(); // a socket that was closed has no address
  const results = new WeakMap<FastifyRequest, readonly number[]>();
  app.addHook('onRequest', async (request) => {
    peers.set(request, peerOf(request.socket.remoteAddress));
  });
  app.addHook('onResponse', async (request, { statusCode: code }) => {
    const route = request.routeOptions.url ?? '';
    audit.countRequest({ route, peer: peers.get(request) ?? '', code, statuses: results.get(request) });
  });
  return (request, statuses) => void results.set(request, statuses);
}
