import { KeyRing } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import { LastUnseals } from '../status/last-unseal.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

const additions = { labels: { backup: 'no', team: 'a' }, annotations: {} };
/** Another process, whose flags may be others. */
const restarted = () => ({ lastUnseals: new LastUnseals() });

async function applied(labels?: Record<string, string>): Promise<ObjectKey> {
  const metadata = { namespace, name: 'db', ...(labels ? { labels } : {}) };
  const key = await scene.store(await scene.seal(metadata, { password: 's3cret' }));
  expect(await scene.pass(key)).toBeUndefined();
  return key;
}

describe('labels for every Secret', () => {
  it.each(['repair', 'warn', 'off'] as const)(
    'are added to existing Secrets at the next start, and are not drift (--drift-policy=%s)',
    async (driftPolicy) => {
      const key = await applied({ team: 'b' });
      await scene.pass(key, { additions, driftPolicy, ...restarted() });
      expect((await scene.secret(key))?.metadata.labels).toEqual({ backup: 'no', team: 'b' });
      expect(await scene.synced(key)).toBe('Synced True Unsealed');
      expect(scene.events.texts.join()).not.toContain('DriftDetected');
    },
  );
  it('cost no decryption if they exist already, and no read of the Secret in the process that added them', async () => {
    const key = await applied();
    const lastUnseals = new LastUnseals();
    await scene.pass(key, { additions, lastUnseals });
    const keys = { keyRing: KeyRing.of() }; // nothing can be opened
    expect(await scene.pass(key, { additions, keys, ...restarted() })).toBeUndefined();
    const version = (await scene.secret(key))?.metadata;
    const { uid = '', resourceVersion = '' } = version ?? {};
    const read = async () => Promise.reject(new Error('looked'));
    const secrets = { ...scene.deps.secrets, knownVersion: () => ({ uid, resourceVersion }), read };
    expect(await scene.pass(key, { additions, keys, lastUnseals, secrets })).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('are restored if something removes them', async () => {
    const key = await applied();
    const lastUnseals = new LastUnseals();
    await scene.pass(key, { additions, lastUnseals });
    await scene.api.patch({ group: '', version: 'v1', plural: 'secrets' }, key, {
      metadata: { labels: { backup: null } },
    });
    await scene.pass(key, { additions, lastUnseals });
    expect((await scene.secret(key))?.metadata.labels).toEqual(additions.labels);
    expect(scene.events.texts.join()).toContain('DriftDetected');
  });
});
