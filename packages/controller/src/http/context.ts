import type { KeyRing } from '@fuin/crypto-core';
import type { HttpConfig } from '../config/config.ts';
import type { SealingKey } from '../keys/key-secret.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Guard } from './guard.ts';

/** What the HTTP API serves from. */
export interface HttpDeps {
  readonly keys: { readonly keyRing: KeyRing; readonly newest: SealingKey | undefined };
  readonly isReady: () => boolean;
  /** False when a loop is stuck for good. */
  readonly isLive: () => boolean;
  readonly acceptV1Data: boolean;
  readonly config: Pick<HttpConfig, 'rateLimit' | 'readTimeoutMs' | 'writeTimeoutMs'>;
  readonly metrics: Pick<Metrics, 'httpRequests' | 'httpDuration'>;
  readonly log: Logger;
  /** Milliseconds of a clock that never runs backwards. */
  readonly nowMs: () => number;
  /** Milliseconds that this thread has worked. */
  readonly busyMs: () => number;
}

/** What the routes that open values have together. */
export interface RouteDeps extends HttpDeps {
  readonly guard: Guard;
}
