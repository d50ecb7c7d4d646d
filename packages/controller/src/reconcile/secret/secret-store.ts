import { parseSecret, SealedSecretsError, type Secret } from '@fuin/crypto-core';
import type { Lister } from '@fuin/kube/cache';
import { type ApiClient, type KubeObject, type ObjectKey, SECRETS } from '@fuin/kube/client';
import type { AuditTrail } from '../../audit/trail.ts';
import type { SecretVersion } from '../status/last-unseal.ts';

/** The Secrets of the cluster, as a reconcile needs them. */
export interface SecretStore {
  /** What the cache knows of the Secret without asking the server; undefined if it cannot know. */
  knownVersion(key: ObjectKey): SecretVersion | undefined;
  /** The live Secret, from the server. */
  read(key: ObjectKey): Promise<Secret | undefined>;
  create(secret: Secret): Promise<Secret>;
  /** Insists on the resourceVersion of `secret`. @throws ERR_CONFLICT */
  replace(secret: Secret): Promise<Secret>;
  /** Deletes exactly this Secret. Another one of the same name is ERR_CONFLICT. */
  delete(secret: Secret): Promise<void>;
}

/**
 * Reads and writes Secrets through the API server.
 *
 * @param cache metadata of all Secrets of the watched namespaces; undefined if not all of them are watched
 * @param audit learns of each write, before and after it
 */
export function createSecretStore(
  api: ApiClient,
  cache: ((namespace: string) => Lister | undefined) | undefined,
  audit?: AuditTrail,
): SecretStore {
  return {
    knownVersion(key) {
      const lister = cache?.(key.namespace);
      if (!lister?.hasSynced) return undefined;
      const secret = lister.get(key);
      return secret ? secretVersion(secret) : 'absent';
    },
    async read(key) {
      const object = await api.get(SECRETS, key);
      return object && toSecret(object);
    },
    async create(secret) {
      await audit?.announce({ kind: 'write.planned', about: aboutOf(secret), action: 'create' });
      const created = toSecret(await api.create(SECRETS, toObject(secret)));
      audit?.record({ kind: 'secret.created', about: aboutOf(created), items: itemsOf(secret) });
      return created;
    },
    async replace(secret) {
      await audit?.announce({ kind: 'write.planned', about: aboutOf(secret), action: 'update' });
      const updated = toSecret(await api.replace(SECRETS, toObject(secret)));
      audit?.record({ kind: 'secret.updated', about: aboutOf(updated), items: itemsOf(secret) });
      return updated;
    },
    async delete(secret) {
      const { namespace = '', name = '', uid } = secret.metadata;
      if (!uid) throw new SealedSecretsError('ERR_CONFLICT', 'a Secret without uid cannot be deleted safely');
      await audit?.announce({ kind: 'write.planned', about: aboutOf(secret), action: 'delete' });
      await api.delete(SECRETS, { namespace, name }, { uid });
      audit?.record({ kind: 'secret.deleted', about: aboutOf(secret) });
    },
  };
}

/** Identity and version of a live Secret. */
export function secretVersion({ metadata }: Pick<Secret, 'metadata'>): Exclude<SecretVersion, 'absent'> {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
}

function toSecret(object: KubeObject): Secret {
  return parseSecret(object);
}

function toObject(secret: Secret): KubeObject {
  return { ...secret };
}

function aboutOf(object: Secret) {
  return { kind: 'Secret', object } as const;
}

function itemsOf({ data = {} }: Secret): string[] {
  return Object.keys(data);
}
