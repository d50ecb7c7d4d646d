import type { ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { LastUnseals } from './status/last-unseal.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

const stored = async (texts: Record<string, string>): Promise<ObjectKey> =>
  scene.store(await scene.seal({ namespace, name: 'db' }, texts));

describe('a reconcile of an outdated object', () => {
  it('does not restore an old value', async () => {
    const key = await stored({ password: 'old' });
    await scene.pass(key);
    const past = await scene.stored(key);
    await scene.store(await scene.seal({ namespace, name: 'db' }, { password: 'new' }));
    await scene.pass(key);
    const sealedSecrets = { get: () => past };
    for (const lastUnseals of [new LastUnseals(), scene.deps.lastUnseals]) {
      expect(await scene.pass(key, { sealedSecrets, lastUnseals })).toBe('ERR_CONFLICT');
    }
    expect(await scene.texts(key)).toEqual({ password: 'new' });
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('does not restore a Secret whose SealedSecret was deleted', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    const past = await scene.stored(key);
    await scene.api.delete(SEALED_SECRETS, key);
    await expect.poll(() => scene.secret(key)).toBeUndefined();
    const overrides = { sealedSecrets: { get: () => past }, lastUnseals: new LastUnseals() };
    expect(await scene.pass(key, overrides)).toBe('ERR_CONFLICT');
    expect(await scene.secret(key)).toBeUndefined();
  });
  it('does not read the object again before ordinary writes: the first, and one after each change', async () => {
    const reads: ObjectKey[] = [];
    const { readSealedSecret } = scene.deps;
    const counting = (each: ObjectKey) => {
      reads.push(each);
      return readSealedSecret(each);
    };
    const key = await stored({ password: 'first' });
    await scene.pass(key, { readSealedSecret: counting });
    await scene.store(await scene.seal({ namespace, name: 'db' }, { password: 'second' }));
    await scene.pass(key, { readSealedSecret: counting });
    expect([await scene.texts(key), reads]).toEqual([{ password: 'second' }, []]);
  });
  it('keeps with --old-gc-behavior the Secret of a SealedSecret that exists, even if the cache does not show it', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    const sealedSecrets = { get: () => undefined };
    expect(await scene.pass(key, { deletesOrphans: true, sealedSecrets })).toBeUndefined();
    expect(await scene.secret(key)).toBeDefined();
  });
});
