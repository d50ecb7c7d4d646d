import { type ChangeListener, createInformer, type Informer } from '@fuin/kube/cache';
import { type ApiClient, SECRETS } from '@fuin/kube/client';
import type { Logger } from '@fuin/kube/logger';
import type { WatchConfig } from '../config/config.ts';
import { measureWatch } from '../metrics.ts';
import { selectorOf } from './generation.ts';
import type { KeySource } from './kinds.ts';

/** What the watch over key Secrets is made from. */
export interface KeyWatchDeps {
  readonly client: ApiClient;
  /** The controller's own. */
  readonly namespace: string;
  readonly config: Pick<WatchConfig, 'relistPeriodMs' | 'idleLimitMs'>;
  readonly logger: Logger;
  readonly metrics: Parameters<typeof measureWatch>[0];
}

/** Key Secrets of one source in the controller's own namespace. */
export function watchKeySecrets(
  source: KeySource,
  { client, namespace, config, logger, metrics }: KeyWatchDeps,
  onChange: ChangeListener,
): Informer {
  return createInformer({
    client,
    resource: SECRETS,
    query: { namespace, labelSelector: selectorOf(source) },
    relistPeriodMs: config.relistPeriodMs,
    idleLimitMs: config.idleLimitMs,
    logger,
    ...measureWatch(metrics, SECRETS.plural),
    onChange,
  });
}
