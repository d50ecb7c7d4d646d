import type { Secret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import { auditLog } from '../../testing/audit-scene.ts';
import { createSecretStore } from './secret-store.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

describe('createSecretStore with --audit-failure=refuse', () => {
  it('creates, replaces and deletes nothing without the line that says so', async () => {
    const world = auditLog('refuse');
    const store = createSecretStore(scene.api, undefined, world.audit);
    const secretOf = (name: string, a: string): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace, name },
      data: { a: btoa(a) },
    });
    const { metadata } = await store.create(secretOf('db', '1'));
    const stored = await store.replace({ ...secretOf('db', '2'), metadata });
    world.isBroken = true;
    for (const write of [
      () => store.create(secretOf('web', '1')),
      () => store.replace({ ...stored, data: { a: btoa('3') } }),
      () => store.delete(stored),
    ])
      await expect(write()).rejects.toMatchObject({ code: 'ERR_AUDIT_UNAVAILABLE' });
    expect(await store.read({ namespace, name: 'web' })).toBeUndefined();
    expect(await store.read({ namespace, name: 'db' })).toEqual(stored);
    world.isBroken = false;
    await world.audit.tick();
    await store.delete(stored);
    expect(await store.read({ namespace, name: 'db' })).toBeUndefined();
    await world.audit.tick();
    expect(world.lines().map(({ kind, action, object }) => `${kind} ${action ?? object?.name}`)).toEqual([
      'controller.started undefined',
      ...['write.planned create', 'secret.created db', 'write.planned update', 'secret.updated db'],
      'write.planned create', // the one that was asked for while the log was not yet known to fail
      ...['write.planned delete', 'secret.deleted db'],
    ]);
  });
});
