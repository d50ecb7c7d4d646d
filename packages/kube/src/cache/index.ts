// A cache that a list fills and a watch keeps up to date.
export { createInformer } from './informer.ts';
export { createNamespacesInformer, type FirstLists, type NamespacesInformer } from './namespaces.ts';
export { identityOnly, type Transform, withoutBookkeeping } from './transform.ts';
export type { ChangeListener, Informer, Lister } from './types.ts';
