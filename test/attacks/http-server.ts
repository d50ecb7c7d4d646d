import { generateKeyPair, type KeyPair, KeyRing } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { buildServer } from '../../packages/controller/src/http/server.ts';
import { createLogger } from '../../packages/controller/src/log.ts';
import { createMetrics } from '../../packages/controller/src/metrics.ts';

/** The HTTP API with a key of its own. */
export interface TestApi {
  readonly app: ReturnType<typeof buildServer>;
  readonly keyPair: KeyPair;
  /** What it wrote to its log. */
  readonly lines: readonly string[];
  /**
   * Its time, which stands still unless a test moves it, and how long each piece of work keeps its thread.
   */
  readonly clock: { nowMs: number; workMs: number };
}

/** Upstream's limits, which are the defaults. */
export const DEFAULT_RATE = { perSecond: 2, burst: 2 };
const TIMEOUT_MS = 120_000;

/** Builds the API as the controller does. `toRing` may put more keys beside its own. */
export async function testApi(
  rateLimit = DEFAULT_RATE,
  toRing: (own: KeyPair) => KeyRing = KeyRing.of,
): Promise<TestApi> {
  const keyPair = await generateKeyPair(2048, { copies: 2 });
  const [notBefore, notAfter] = [new Date(), new Date(Date.now() + 1e9)];
  const certificatePem = await createCertificate(keyPair, { commonName: '', notBefore, notAfter });
  const dates = { notBefore, notAfter, createdAt: notBefore };
  const newest = {
    name: 'k',
    keyPair,
    published: certificatePem,
    ...dates,
    isReplacementAsked: false,
    lastBackupAt: undefined,
  };
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const clock = { nowMs: 0, workMs: 0 };
  let busyMs = 0;
  const app = buildServer({
    keys: { keyRing: toRing(keyPair), newest, offeredV2: [] },
    isReady: () => true,
    lockedKeys: () => 0,
    hasNoSigners: () => false,
    isLive: () => true,
    acceptV1Data: true,
    config: { rateLimit, readTimeoutMs: TIMEOUT_MS, writeTimeoutMs: TIMEOUT_MS },
    metrics: createMetrics('test'),
    log: createLogger({
      minimumLevel: -4,
      format: 'text',
      isInfoOnStdout: true,
      stdout: write,
      stderr: write,
      now: () => new Date(),
    }),
    nowMs: () => clock.nowMs,
    busyMs: () => {
      busyMs += clock.workMs;
      return busyMs;
    },
  });
  return { app, keyPair, lines, clock };
}
