import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';
import type { CurrentKeys } from '../limits/guard.ts';

/** The number of the suite of all keys of format v2 (docs/wire-format-v2.md §3). */
const SUITE = 1;

/**
 * `/v2/recipients`: the keys of format v2 that anyone may seal with, newest first; 404 while there is none. A
 * reader that sends the ETag again is answered with 304 until they change.
 */
export function addRecipientsRoute(app: FastifyInstance, keys: Pick<CurrentKeys, 'offeredV2'>): void {
  app.get('/v2/recipients', async (request, reply) => {
    const recipients = keys.offeredV2.map(({ keyPair, published, notBefore, notAfter }) => ({
      id: keyPair.id,
      recipient: published,
      suite: SUITE,
      notBefore: timeOf(notBefore),
      notAfter: timeOf(notAfter),
      format: keyPair.format,
    }));
    if (recipients.length === 0) return reply.code(404).type(TEXT).send('no key of format v2\n');
    const body = JSON.stringify({ recipients });
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    reply.header('etag', etag).header('cache-control', 'no-cache');
    if (isKnown(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('application/json').send(body);
  });
}

/** Whether a list of entity tags names this one, weak or not (RFC 9110 §13.1.2). */
function isKnown(header: string | undefined, etag: string): boolean {
  return (header ?? '').split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));
}

/** RFC 3339 in whole seconds. */
function timeOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
