import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  importKeyPair,
  KeyRing,
  openItems,
  parseSealedSecret,
  resealSecret,
  resealStale,
} from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { CERT, KEY } from '../keys.ts';
import { servedRecipients, type TestKeyV2 } from '../v2/keys.ts';

/** What a request to the fake controller was. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers in the place of the controller; undefined lets it answer itself. */
export type Override = (request: SeenRequest) => Answer | 'hang' | undefined | Promise<Answer>;

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** An HTTP server with the controller's endpoints and the key of the vectors. */
export interface FakeController {
  readonly port: number;
  readonly seen: SeenRequest[];
  override: Override | undefined;
  /** Its keys of format v2, newest first; none at first. */
  v2: readonly TestKeyV2[];
  stop(): Promise<void>;
}

export async function startFakeController(): Promise<FakeController> {
  const seen: SeenRequest[] = [];
  const controller: Pick<FakeController, 'override' | 'v2'> = { override: undefined, v2: [] };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    const each = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    seen.push(each);
    const given = (await controller.override?.(each)) ?? (await standardAnswer(each, controller.v2));
    if (given === 'hang') return;
    response.writeHead(given.status, given.headers).end(given.body);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(controller, {
    port: (server.address() as AddressInfo).port,
    seen,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

async function standardAnswer(
  { path, headers, body }: SeenRequest,
  v2: readonly TestKeyV2[],
): Promise<Answer> {
  if (path === '/v2/recipients') {
    if (v2.length === 0) return { status: 404 };
    const etag = `"${v2.map(({ id }) => id).join()}"`;
    if (headers['if-none-match'] === etag) return { status: 304 };
    return { status: 200, body: servedRecipients(v2), headers: { etag } };
  }
  if (path === '/v1/cert.pem') {
    const etag = '"one"';
    return headers['if-none-match'] === etag
      ? { status: 304 }
      : { status: 200, body: CERT, headers: { etag } };
  }
  const keyRing = KeyRing.of(await importKeyPair(KEY));
  if (path.startsWith('/v1/bulk/')) return bulkAnswer(path, JSON.parse(body), keyRing);
  const sealedSecret = parseSealedSecret(JSON.parse(body));
  try {
    if (path === '/v1/verify') {
      await openItems(sealedSecret, keyRing);
      return { status: 200 };
    }
    const { recipient } = await parseCertificate(CERT);
    const fresh = await resealSecret(sealedSecret, keyRing, recipient);
    const metadata = { ...fresh.metadata, creationTimestamp: null, generation: 3 };
    return { status: 200, body: JSON.stringify({ ...fresh, metadata }) };
  } catch {
    return { status: 409 };
  }
}

async function bulkAnswer(
  path: string,
  { items }: { readonly items: readonly unknown[] },
  keyRing: KeyRing,
): Promise<Answer> {
  const { recipient } = await parseCertificate(CERT);
  const results = items.map(async (item) => {
    const sealedSecret = parseSealedSecret(item);
    const isVerify = path === '/v1/bulk/verify';
    try {
      if (!isVerify)
        return { status: 200, sealedSecret: await resealStale(sealedSecret, keyRing, recipient) };
      await openItems(sealedSecret, keyRing);
      return { status: 200 };
    } catch {
      return { status: isVerify ? 409 : 500 };
    }
  });
  return { status: 200, body: JSON.stringify({ results: await Promise.all(results) }) };
}
