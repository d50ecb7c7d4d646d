import { ownerReferenceTo, type SealedSecret, type Secret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { desiredSecret } from '../../packages/controller/src/reconcile/secret/desired.ts';
import { planSecret } from '../../packages/controller/src/reconcile/secret/plan.ts';
import { createSecretStore } from '../../packages/controller/src/reconcile/secret/secret-store.ts';
import { LastUnseals } from '../../packages/controller/src/reconcile/status/last-unseal.ts';
import { createStatusWriter } from '../../packages/controller/src/reconcile/status/status-writer.ts';
import { collectionPath, objectPath } from '../../packages/kube/src/client/resource-path.ts';
import type { KubeObject, ObjectKey } from '../../packages/kube/src/client/types.ts';
import { refusal, ScriptedApi } from '../../packages/kube/src/testing/scripted-api.ts';

const key: ObjectKey = { namespace: 'n', name: 'db' };

function sealedSecret(uid: string, generation = 1): SealedSecret {
  const metadata = { ...key, uid, generation, resourceVersion: '1' };
  return { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata, spec: { encryptedData: {} } };
}

function secret(owner: SealedSecret | undefined, text: string): Secret {
  const ownerReferences = owner ? [ownerReferenceTo(owner)] : [];
  const metadata = { ...key, uid: 'secret-uid', resourceVersion: '7', ownerReferences };
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: { a: btoa(text) } };
}

function plan(sealed: SealedSecret, actual: Secret, isSettled = false) {
  const desired = desiredSecret(sealed, secret(undefined, 'new'));
  const sealingKeys = { namespace: 'keys', legacyName: 'sealed-secrets-key' };
  return planSecret({
    sealedSecret: sealed,
    desired,
    actual,
    isSettled,
    sealingKeys,
    allowsTokenSecrets: false,
  });
}

describe('a Secret that changes between reading and writing', () => {
  it('is written only as the very object and version that was read', () => {
    const sealed = sealedSecret('one');
    const action = plan(sealed, secret(sealed, 'old'));
    expect(action).toMatchObject({
      kind: 'update',
      secret: { metadata: { uid: 'secret-uid', resourceVersion: '7' } },
    });
  });

  it('is deleted only if it is still the one that was read', async () => {
    const deleted: unknown[] = [];
    const api = new ScriptedApi();
    api.delete = async (...call) => void deleted.push(call[2]);
    const store = createSecretStore(api, undefined);
    await store.delete(secret(undefined, 'old'));
    expect(deleted).toEqual([{ uid: 'secret-uid' }]);
    const { uid: _uid, ...metadata } = secret(undefined, 'old').metadata;
    const nameless = { ...secret(undefined, 'old'), metadata };
    await expect(async () => store.delete(nameless)).rejects.toThrow(/without uid/);
  });
});

describe('a SealedSecret that was deleted and created anew', () => {
  it.each([false, true])('takes over no Secret but the one before it had (settled: %s)', (isSettled) => {
    const other = sealedSecret('one');
    const { metadata } = other;
    const before = secret({ ...other, metadata: { ...metadata, name: 'other' } }, 'old');
    expect(plan(sealedSecret('two'), before, isSettled)).toMatchObject({ kind: 'refuse' });
    const own = plan(sealedSecret('two'), secret(other, 'old'), isSettled);
    expect(own).toMatchObject({
      kind: 'update',
      secret: { metadata: { ownerReferences: [{ uid: 'two' }] } },
    });
  });

  it('is not taken for the one before it, which was reconciled', () => {
    const lastUnseals = new LastUnseals();
    lastUnseals.note(key, {
      uid: 'one',
      generation: 1,
      scope: 'strict',
      secretUid: 'secret-uid',
      secretResourceVersion: '7',
      openedBy: new Map(),
      expired: '',
      unsigned: '',
    });
    expect(lastUnseals.of(key, { ...sealedSecret('one') })).toBeDefined();
    expect(lastUnseals.of(key, { ...sealedSecret('two') })).toBeUndefined();
  });

  it('gets no status from the reconcile of the one before it', async () => {
    const writes: KubeObject[] = [];
    const api = {
      get: async (): Promise<KubeObject> => ({ ...sealedSecret('two') }),
      replace: async (_resource: unknown, object: KubeObject): Promise<KubeObject> => {
        writes.push(object);
        throw refusal(409);
      },
    };
    const writer = createStatusWriter(api, () => new Date());
    await writer.write(key, { ...sealedSecret('one') }, { failure: new Error('x') });
    expect(writes.map(({ metadata }) => metadata.uid)).toEqual(['one']);
  });
});

describe('a name of an object', () => {
  const secrets = { group: '', version: 'v1', plural: 'secrets' };

  it.each(['a/../../../../nodes', '%2e%2e', '?dryRun=All', '#x', 'a\r\nHost: evil', '\u0000'])(
    'stays one segment of the path: %j',
    (name) => {
      const path = objectPath(secrets, { namespace: 'n', name });
      const { pathname, search, hash } = new URL(path, 'https://server');
      expect(pathname.split('/')).toHaveLength(7);
      expect(pathname.startsWith('/api/v1/namespaces/n/secrets/')).toBe(true);
      expect(search + hash).toBe('');
    },
  );

  it.each(['', '.', '..'])('that would climb is refused: %j', (name) => {
    expect(() => objectPath(secrets, { namespace: 'n', name })).toThrow(/not an object name/);
    if (name !== '') expect(() => collectionPath(secrets, name)).toThrow(/not an object name/);
  });
});
