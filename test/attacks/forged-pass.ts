import { generateKeyPair, KeyRing, type Secret, sealSecret } from '@fuin/crypto-core';
import { LastUnseals } from '../../packages/controller/src/reconcile/status/last-unseal.ts';
import type { SyncDeps } from '../../packages/controller/src/reconcile/sync-secret.ts';
import type { KubeObject } from '../../packages/kube/src/client/types.ts';

/** The object of these tests. */
export const key = { namespace: 'n', name: 'db' };
const keyPair = generateKeyPair(2048);

/** A SealedSecret of generation 2, as its owner just changed it. */
export async function changed(status: unknown): Promise<KubeObject> {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: key,
    data: { password: btoa('new') },
  } as const;
  const sealed = structuredClone(await sealSecret(secret, await keyPair));
  return { ...sealed, metadata: { ...sealed.metadata, uid: 'sealed-uid', generation: 2 }, status };
}

/** The Secret of generation 1: the password that the owner wants to be rid of. */
const stale: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    ...key,
    uid: 'secret-uid',
    resourceVersion: '7',
    ownerReferences: [
      {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        name: 'db',
        uid: 'sealed-uid',
        controller: true,
      },
    ],
  },
  type: 'Opaque',
  data: { password: btoa('old') },
};

/** What a reconcile needs; Secrets that it replaces are added to `writes`. */
export async function deps(writes: Secret[], more: Partial<SyncDeps> = {}): Promise<SyncDeps> {
  return {
    secrets: {
      knownVersion: () => ({ uid: 'secret-uid', resourceVersion: '7' }),
      read: async () => stale,
      create: async (secret) => secret,
      replace: async (secret) => {
        writes.push(secret);
        return { ...secret, metadata: { ...secret.metadata, resourceVersion: '8' } };
      },
      delete: async () => undefined,
    },
    keys: { keyRing: KeyRing.of(await keyPair) },
    lastUnseals: new LastUnseals(),
    readSealedSecret: async () => ({ metadata: { ...key, uid: 'sealed-uid', generation: 2 } }),
    repairs: { note: () => undefined, forget: () => undefined },
    reporter: {
      report: () => undefined,
      reportDrift: () => undefined,
      reportStatusFailure: () => undefined,
      reportStored: () => undefined,
    },
    now: () => new Date(),
    renderTemplates: () => async () => new Map(),
    acceptV1Data: true,
    allowsTokenSecrets: false,
    sealingKeys: { namespace: 'keys', legacyName: 'sealed-secrets-key' },
    driftPolicy: 'repair',
    ...more,
  };
}

/** What somebody writes who may write the status and nothing else, ahead of the change. */
export const forged = {
  observedGeneration: 2,
  conditions: [{ type: 'Synced', status: 'True' }],
  lastUnseal: {
    generation: 2,
    scope: 'strict',
    secretUID: 'secret-uid',
    secretResourceVersion: '7',
    keys: { password: 'SHA256:x' },
  },
};
