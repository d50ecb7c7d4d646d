import type { Secret } from '@fuin/crypto-core';
import { type ObjectKey, SECRETS } from '@fuin/kube/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { Repairs } from './repairs.ts';
import { LastUnseals } from './status/last-unseal.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

type OwnerReference = NonNullable<Secret['metadata']['ownerReferences']>[number];
const stored = async (texts: Record<string, string>, name = 'db'): Promise<ObjectKey> =>
  scene.store(await scene.seal({ namespace, name }, texts));

describe('--old-gc-behavior', () => {
  const deletesOrphans = true;
  // off for all of them: a collection that one test starts would find the next one's Secret
  beforeAll(() => scene.cluster.apiServer.setGarbageCollection(false));
  afterAll(() => scene.cluster.apiServer.setGarbageCollection(true));
  it('deletes the Secret of a deleted SealedSecret', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    await scene.api.delete(SEALED_SECRETS, key);
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.secret(key)).toBeDefined();
    expect(await scene.pass(key, { deletesOrphans })).toBeUndefined();
    expect(await scene.secret(key)).toBeUndefined();
  });
  it.each([
    ['nobody owns', undefined],
    [
      'a Deployment owns',
      [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'db', uid: 'x', controller: true }],
    ],
    [
      'another SealedSecret owns',
      [
        {
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          name: 'other',
          uid: 'x',
          controller: true,
        },
      ],
    ],
    ...(
      [
        ['the SealedSecret does not control', { controller: false }],
        ['something of its name and kind owns', { apiVersion: 'other.example/v1' }],
        ['something else of its name and group owns', { kind: 'Other' }],
      ] as const
    ).map(([what, change]): [string, OwnerReference[]] => [
      what,
      [
        {
          apiVersion: 'bitnami.com/v1',
          kind: 'SealedSecret',
          name: 'db',
          uid: 'x',
          controller: true,
          ...change,
        },
      ],
    ]),
  ])('leaves a Secret that %s', async (_name, ownerReferences) => {
    const key = { namespace, name: 'db' };
    await scene.api.create(SECRETS, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { ...key, ...(ownerReferences ? { ownerReferences } : {}) },
    });
    expect(await scene.pass(key, { deletesOrphans })).toBeUndefined();
    expect(await scene.secret(key)).toBeDefined();
  });
  it('forgets the repairs and what was unsealed, also where there is no Secret', async () => {
    const key = await stored({ password: 's3cret' });
    const [repairs, lastUnseals] = [new Repairs(() => 0), new LastUnseals()];
    await scene.pass(key, { repairs, lastUnseals });
    repairs.note(key, '1', '2');
    expect(lastUnseals.isNoted(key)).toBe(true);
    await scene.api.delete(SEALED_SECRETS, key);
    await scene.api.delete(SECRETS, key);
    expect(await scene.pass(key, { repairs, lastUnseals, deletesOrphans })).toBeUndefined();
    expect(repairs.size).toBe(0);
    expect(lastUnseals.isNoted(key)).toBe(false);
  });
});
