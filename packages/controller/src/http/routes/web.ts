import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { TEXT } from '../limits/broken-requests.ts';
import { peerOf } from '../limits/peer.ts';
import { PeerLimiter } from '../limits/rate-limit.ts';

/** A person loads the page a few times; its answer is the largest that the controller gives. */
const RATE = { perSecond: 1, burst: 10 };
const POLICY = /http-equiv="content-security-policy" content="([^"]*)"/;
const compress = promisify(gzip);

/** The page as it is served. */
interface ServedPage {
  readonly html: Buffer;
  readonly gzipped: Buffer;
  readonly policy: string;
}

/**
 * `/web/`: the sealing page, one file, which seals in the browser with the certificate of `/v1/cert.pem`. It
 * is read when somebody first asks for it. GET only: nothing is ever sent to it.
 *
 * @param readPage gives the page as HTML with its policy
 */
export function addWebRoute(
  app: FastifyInstance,
  readPage: () => Promise<string>,
  { nowMs }: { readonly nowMs: () => number },
): void {
  const limiter = new PeerLimiter(RATE);
  let page: Promise<ServedPage> | undefined;
  app.get('/web/', async (request, reply) => {
    if (!limiter.take(peerOf(request.socket.remoteAddress), nowMs()).isAllowed)
      return reply.code(429).type(TEXT).send('limit exceeded\n');
    page ??= prepare(readPage);
    const { html, gzipped, policy } = await page.catch((error: unknown) => {
      page = undefined; // the next request tries again
      throw error;
    });
    const isGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    return reply
      .type('text/html; charset=utf-8')
      .headers({
        'content-security-policy': policy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-cache',
        vary: 'accept-encoding',
        ...(isGzip ? { 'content-encoding': 'gzip' } : {}),
      })
      .send(isGzip ? gzipped : html);
  });
}

/** The policy is the page's own, and no other page may frame it: only a header can say that. */
async function prepare(readPage: () => Promise<string>): Promise<ServedPage> {
  const text = await readPage();
  const [, policy] = POLICY.exec(text) ?? [];
  if (policy === undefined) throw new Error('the sealing page has no policy');
  const html = Buffer.from(text);
  return { html, gzipped: await compress(html), policy: `${policy}; frame-ancestors 'none'` };
}
