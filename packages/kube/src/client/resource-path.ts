import { SealedSecretsError } from '@fuin/crypto-core';
import type { ListQuery, ObjectKey, ResourceType } from './types.ts';

/** Path of one object, or of its subresource; an empty namespace names a cluster-scoped object. */
export function objectPath(resource: ResourceType, key: ObjectKey, subresource?: string): string {
  const suffix = subresource === undefined ? '' : `/${subresource}`;
  return `${collectionPath(resource, key.namespace)}/${segment(key.name)}${suffix}`;
}

/** Path of a collection, in all namespaces when none is given. */
export function collectionPath(resource: ResourceType, namespace: string | undefined): string {
  const { group, version, plural } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace ? `${root}/namespaces/${segment(namespace)}/${plural}` : `${root}/${plural}`;
}

/** What a query says in other ways: in its path and its Accept header. */
const NO_PARAMETERS = ['namespace', 'isMetadataOnly'];

/** Query string, with its question mark, of a list or a watch. */
export function queryString(query: ListQuery, isWatch = false): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (!NO_PARAMETERS.includes(name) && value !== undefined) parameters.set(name, String(value));
  }
  if (isWatch) parameters.set('watch', 'true');
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** Names come from objects that others wrote: none may climb out of its place in the path. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..') {
    throw new SealedSecretsError('ERR_MANIFEST_INVALID', `not an object name: ${JSON.stringify(name)}`);
  }
  return encodeURIComponent(name);
}
