import { SealedSecretsError } from '@fuin/crypto-core';
import type { ApiClient } from './types.ts';

/**
 * A client that writes only while `isLeader` says so; reading is open to every replica. A write that is
 * refused rejects with ERR_CONFLICT: the present leader does that work.
 */
export function fencedClient(client: ApiClient, isLeader: () => boolean): ApiClient {
  const fenced = async <T>(write: () => Promise<T>): Promise<T> => {
    if (isLeader()) return await write();
    throw new SealedSecretsError('ERR_CONFLICT', 'this replica no longer leads');
  };
  return {
    get: (resource, key) => client.get(resource, key),
    list: (resource, query) => client.list(resource, query),
    watch: (resource, query, signal) => client.watch(resource, query, signal),
    create: (resource, object) => fenced(() => client.create(resource, object)),
    replace: (resource, object, options) => fenced(() => client.replace(resource, object, options)),
    patch: (resource, key, patch, options) => fenced(() => client.patch(resource, key, patch, options)),
    delete: (resource, key, preconditions) => fenced(() => client.delete(resource, key, preconditions)),
    close: () => client.close(),
  };
}
