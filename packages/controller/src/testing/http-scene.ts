import { KeyRing, type SealedSecret, sealSecret } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import { buildServer, type HttpDeps } from '../http/server.ts';
import { readKeySecret, type SealingKey } from '../keys/key-secret.ts';
import { createMetrics } from '../metrics.ts';
import { keySecret, recordingLog } from './recorders.ts';

/** Plaintext of the example; must never be in an answer. */
export const CANARY = 'canary-7f3a';
export const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'blue', name: 'db' },
  data: { password: btoa(CANARY) },
} as const;

/** Two keys, and a SealedSecret that the older one opens. */
export interface HttpScene {
  readonly older: SealingKey;
  readonly newest: SealingKey;
  readonly sealed: SealedSecret;
  /** Builds the HTTP API on these keys; `close` ends all servers. */
  server(overrides?: Partial<HttpDeps>): ReturnType<typeof build>;
  close(): Promise<unknown>;
}

/** Makes the keys. */
export async function httpScene(): Promise<HttpScene> {
  const older = await readKeySecret((await keySecret('older')).secret, {});
  const newest = await readKeySecret(
    (await keySecret('newest', { notBefore: new Date('2026-02-01') })).secret,
    {},
  );
  const sealed = await sealSecret(SECRET, older.keyPair);
  const servers: FastifyInstance[] = [];
  return {
    ...{ older, newest, sealed },
    server: (overrides = {}) => {
      const app = build({
        keys: { keyRing: KeyRing.of(newest.keyPair, older.keyPair), newest, offeredV2: [] },
        ...overrides,
      });
      servers.push(app);
      return app;
    },
    close: () => Promise.all(servers.splice(0).map((each) => each.close())),
  };
}

function build(overrides: Pick<HttpDeps, 'keys'> & Partial<HttpDeps>) {
  const metrics = createMetrics('test');
  const log = recordingLog();
  const app = buildServer({
    isReady: () => true,
    lockedKeys: () => 0,
    hasNoSigners: () => false,
    isLive: () => true,
    acceptV1Data: true,
    config: { rateLimit: { perSecond: 1000, burst: 1000 }, readTimeoutMs: 1000, writeTimeoutMs: 1000 },
    metrics,
    log,
    nowMs: () => 0,
    busyMs: () => 0,
    ...overrides,
  });
  return Object.assign(app, { metrics, log });
}

/** Sends a body, unchanged or as JSON. */
export const post = (
  app: FastifyInstance,
  url: string,
  payload: unknown,
  headers: Record<string, string> = {},
) =>
  app.inject({
    method: 'POST',
    url,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers,
  });
