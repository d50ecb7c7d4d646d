import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

describe('reconcile, at the end of things', () => {
  it('creates nothing while the object is being deleted', async () => {
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
    const key = await scene.store({ ...sealed, metadata: { ...sealed.metadata, finalizers: ['test/hold'] } });
    await scene.api.delete(SEALED_SECRETS, key);
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.secret(key)).toBeUndefined();
  });
  it('reports nothing and does not retry if the namespace is being deleted', async () => {
    const key = await scene.store(await scene.seal({ namespace, name: 'db' }, { password: 's3cret' }));
    const object = await scene.stored(key);
    const held = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace, name: 'x', finalizers: ['a/b'] },
    };
    await scene.api.create({ group: '', version: 'v1', plural: 'configmaps' }, held);
    await scene.api.delete(
      { group: '', version: 'v1', plural: 'namespaces' },
      { namespace: '', name: namespace },
    );
    expect(await scene.pass(key, { sealedSecrets: { get: () => object } })).toBeUndefined();
    expect(await scene.secret(key)).toBeUndefined();
    expect([scene.events.texts, scene.log.lines]).toEqual([[], []]);
  });
});
