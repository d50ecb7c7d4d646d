import { KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import { createStatusWriter } from './status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

const storedSecret = async (items: Record<string, string>): Promise<ObjectKey> =>
  scene.store(await scene.seal({ namespace, name: 'large' }, items));

/** Statuses of a server that stores no more than so many bytes of status. */
function statusesWithin(bytes: number) {
  const { api } = scene;
  const replace: typeof api.replace = async (resource, object, options) => {
    const isLarge = JSON.stringify(object['status']).length > bytes;
    if (isLarge) throw new SealedSecretsError('ERR_OBJECT_TOO_LARGE', 'etcdserver: request is too large');
    return api.replace(resource, object, options);
  };
  return createStatusWriter({ get: (...key) => api.get(...key), replace }, () => new Date());
}

const openings = (): number =>
  scene.log.lines.filter((line) => line.includes('sealed secret unsealed')).length;

describe('a SealedSecret near the size limit of the API server', () => {
  it('gets a status without the record of the success', async () => {
    const key = await storedSecret({ password: 's3cret' });
    expect(await scene.pass(key, { statuses: statusesWithin(500) })).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
    expect((await scene.stored(key))['status']).not.toHaveProperty('lastUnseal');
  });
  it('is not tried again if not even that fits', async () => {
    const key = await storedSecret({ password: 's3cret' });
    expect(await scene.pass(key, { statuses: statusesWithin(0) })).toBeUndefined();
    expect(scene.log.lines.join()).toContain('error updating status');
    expect(await scene.pass(key, { statuses: statusesWithin(0) })).toBeUndefined();
    expect(openings()).toBe(1);
  });
});

describe('a status that cannot be written', () => {
  it('is written later without opening anything again, and without a second event', async () => {
    const key = await storedSecret({ password: 's3cret' });
    const statuses = { write: () => Promise.reject(new SealedSecretsError('ERR_API_UNAVAILABLE', 'busy')) };
    expect(await scene.pass(key, { statuses })).toBe('ERR_API_UNAVAILABLE');
    const withoutKeys = { keys: { keyRing: KeyRing.of() } };
    expect(await scene.pass(key, { statuses, ...withoutKeys })).toBe('ERR_API_UNAVAILABLE');
    expect(await scene.pass(key, withoutKeys)).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
    expect((await scene.stored(key))['status']).toHaveProperty('lastUnseal');
    expect(openings()).toBe(1);
    expect(scene.events.texts).toHaveLength(1);
  });
});
