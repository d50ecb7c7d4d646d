import type { KubeObject, ObjectKey } from '../client/types.ts';
import type { Informer, Lister } from './types.ts';

/** When a collection has been read once: in some namespace, and in every one. */
export interface FirstLists {
  readonly some: Promise<void>;
  readonly every: Promise<void>;
}

/** One collection, watched in all namespaces or in each of some, as one cache. */
export interface NamespacesInformer {
  get(key: ObjectKey): KubeObject | undefined;
  /** All known objects. */
  list(): Iterable<KubeObject>;
  /** The cache that holds a namespace; undefined if none does. */
  listerOf(namespace: string): Lister | undefined;
  start(signal: AbortSignal): FirstLists;
  /** Milliseconds since the slowest of its loops took a step; 0 before the start. */
  readonly stalledMs: number;
}

/**
 * Makes an informer for each namespace, or one for all of them. They do nothing until `start`.
 *
 * @param namespaces undefined for all
 */
export function createNamespacesInformer(
  namespaces: readonly string[] | undefined,
  createOne: (query: { readonly namespace?: string }) => Informer,
): NamespacesInformer {
  const everywhere = namespaces ? undefined : createOne({});
  const byNamespace = new Map((namespaces ?? []).map((namespace) => [namespace, createOne({ namespace })]));
  const listerOf = (namespace: string) => (everywhere ?? byNamespace.get(namespace))?.lister;
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
      // a stop while nobody waits is not an error
      for (const each of [some, every]) each.catch(() => undefined);
      return { some, every };
    },
  };
}
