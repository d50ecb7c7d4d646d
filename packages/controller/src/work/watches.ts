import {
  type ChangeListener,
  createInformer,
  type Informer,
  identityOnly,
  type Lister,
} from '@fuin/kube/cache';
import type { ApiClient, KubeObject, ObjectKey, ResourceType } from '@fuin/kube/client';
import type { Logger } from '@fuin/kube/logger';
import type { Config } from '../config/config.ts';
import { KEY_SELECTOR } from '../keys/generation.ts';
import { SECRETS } from '../keys/key-secret.ts';
import type { Metrics } from '../metrics.ts';
import { SEALED_SECRETS } from '../reconcile/status/status-writer.ts';

/** When a collection has been read once: in some namespace, and in every one. */
export interface FirstLists {
  readonly some: Promise<void>;
  readonly every: Promise<void>;
}

/** One collection, watched in every namespace that counts. */
export interface Watch {
  get(key: ObjectKey): KubeObject | undefined;
  /** All that is known. */
  list(): Iterable<KubeObject>;
  /** The cache that holds a namespace; undefined where none does. */
  listerOf(namespace: string): Lister | undefined;
  start(signal: AbortSignal): FirstLists;
  /** Milliseconds since the slowest of its loops took a step; 0 before the start. */
  readonly stalledMs: number;
}

/** What watches are made from. */
export interface WatchDeps {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly config: Config['watch'];
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'unreadableObjects' | 'objectsUnreadable' | 'watchesFailing'>;
}

/** SealedSecrets of the namespaces that the flags name. */
export function watchSealedSecrets(deps: WatchDeps, onChange: ChangeListener): Watch {
  return watch(deps, SEALED_SECRETS, { onChange });
}

/** Which Secrets are there, in which version: enough to see that one changed, with no value on the wire or in memory. */
export function watchSecrets(deps: WatchDeps, onChange: ChangeListener, onListed: () => void): Watch {
  return watch(deps, SECRETS, {
    onChange,
    onListed,
    transform: identityOnly,
    query: { isMetadataOnly: true },
  });
}

/** Key Secrets of the controller's own namespace. */
export function watchKeySecrets(
  { client, namespace, config, logger, metrics }: WatchDeps,
  onChange: ChangeListener,
): Informer {
  return createInformer({
    client,
    resource: SECRETS,
    query: { namespace, labelSelector: KEY_SELECTOR },
    relistPeriodMs: config.relistPeriodMs,
    idleLimitMs: config.idleLimitMs,
    logger,
    ...measured(SECRETS, metrics),
    onChange,
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
): Watch {
  const { additionalNamespaces, labelSelector, relistPeriodMs, idleLimitMs } = config;
  const selector = labelSelector ? { labelSelector } : {};
  const inform = (query: { readonly namespace?: string }) =>
    createInformer({
      ...parts,
      client,
      resource,
      query: { ...parts.query, ...query, ...selector },
      relistPeriodMs,
      idleLimitMs,
      logger,
      ...measured(resource, metrics),
    });
  const everywhere = additionalNamespaces ? undefined : inform({});
  const names = new Set([namespace, ...(additionalNamespaces ?? [])]);
  const byNamespace = new Map(
    everywhere ? [] : [...names].map((name) => [name, inform({ namespace: name })]),
  );
  const listerOf = (name: string) => (everywhere ?? byNamespace.get(name))?.lister;
  const informers = everywhere ? [everywhere] : [...byNamespace.values()];
  let isStarted = false;
  return {
    list: () => informers.flatMap(({ lister }) => [...lister.list()]),
    listerOf,
    get: (key) => listerOf(key.namespace)?.get(key),
    get stalledMs() {
      return isStarted ? Math.max(...informers.map((informer) => informer.stalledMs)) : 0;
    },
    start: (signal) => {
      isStarted = true;
      const lists = informers.map((informer) => informer.start(signal));
      const some = Promise.race(lists);
      const every = Promise.all(lists).then(() => undefined);
      for (const each of [some, every]) each.catch(() => undefined); // who stops while nobody waits is no bug
      return { some, every };
    },
  };
}

function measured({ plural }: ResourceType, metrics: WatchDeps['metrics']) {
  let unreadable = 0;
  return {
    onUnreadable: (count: number) => {
      metrics.objectsUnreadable.inc(count - unreadable);
      if (count > unreadable) metrics.unreadableObjects.inc(count - unreadable);
      unreadable = count;
    },
    onFailing: (isFailing: boolean) => metrics.watchesFailing.inc({ resource: plural }, isFailing ? 1 : -1),
  };
}
