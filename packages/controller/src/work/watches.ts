import {
  type ChangeListener,
  createInformer,
  createNamespacesInformer,
  identityOnly,
  type NamespacesInformer,
  type Transform,
} from '@fuin/kube/cache';
import { type ApiClient, type ResourceType, SECRETS } from '@fuin/kube/client';
import type { Logger } from '@fuin/kube/logger';
import type { WatchConfig } from '../config/config.ts';
import { measureWatch } from '../metrics.ts';
import { SEALED_SECRETS } from '../reconcile/status/status-writer.ts';

/** What the watches are made from. */
export interface WatchDeps {
  readonly client: ApiClient;
  /** The controller's own. */
  readonly namespace: string;
  readonly config: WatchConfig;
  readonly logger: Logger;
  readonly metrics: Parameters<typeof measureWatch>[0];
  /** What must be kept of a SealedSecret, where that is more than usual. */
  readonly keep?: Transform | undefined;
}

/** SealedSecrets of the namespaces that the flags name. */
export function watchSealedSecrets(deps: WatchDeps, onChange: ChangeListener): NamespacesInformer {
  return watch(deps, SEALED_SECRETS, { onChange, ...(deps.keep && { transform: deps.keep }) });
}

/**
 * Which Secrets exist, in which version. This is enough to see that one changed, with no value on the wire or
 * in memory.
 */
export function watchSecrets(
  deps: WatchDeps,
  onChange: ChangeListener,
  onListed: () => void,
): NamespacesInformer {
  return watch(deps, SECRETS, {
    onChange,
    onListed,
    transform: identityOnly,
    query: { isMetadataOnly: true },
  });
}

type InformerParts = Pick<
  Parameters<typeof createInformer>[0],
  'onChange' | 'onListed' | 'transform' | 'query'
>;

function watch(
  { client, namespace, config, logger, metrics }: WatchDeps,
  resource: ResourceType,
  parts: InformerParts,
): NamespacesInformer {
  const { additionalNamespaces, labelSelector, relistPeriodMs, idleLimitMs } = config;
  const selector = labelSelector ? { labelSelector } : {};
  const namespaces = additionalNamespaces && [...new Set([namespace, ...additionalNamespaces])];
  return createNamespacesInformer(namespaces, (query) =>
    createInformer({
      ...parts,
      client,
      resource,
      query: { ...parts.query, ...query, ...selector },
      relistPeriodMs,
      idleLimitMs,
      logger,
      ...measureWatch(metrics, resource.plural),
    }),
  );
}
