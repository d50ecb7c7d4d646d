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

const secretOf = (name: string, a: string): Secret => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace, name },
  data: { a: btoa(a) },
});

describe('createSecretStore', () => {
  it('deletes only the Secret that it was given: none without a uid, none of another uid', async () => {
    const store = createSecretStore(scene.api, undefined);
    const stored = await store.create(secretOf('db', '1'));
    const { uid: _uid, ...unknown } = stored.metadata;
    for (const metadata of [unknown, { ...unknown, uid: '00000000-0000-4000-8000-000000000000' }])
      await expect(store.delete({ ...stored, metadata })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect(await store.read({ namespace, name: 'db' })).toEqual(stored);
    await store.delete(stored);
    expect(await store.read({ namespace, name: 'db' })).toBeUndefined();
  });
  it('names in the audit log the items that it wrote, and no value', async () => {
    const world = auditLog('refuse');
    const store = createSecretStore(scene.api, undefined, world.audit);
    const { metadata } = await store.create(secretOf('db', 's3cret'));
    await store.replace({ ...secretOf('db', 'newer'), metadata });
    await world.audit.tick();
    const lines = world.lines().filter(({ items }) => items !== undefined);
    expect(lines.map(({ kind, items }) => [kind, items])).toEqual([
      ['secret.created', ['a']],
      ['secret.updated', ['a']],
    ]);
    expect(JSON.stringify(world.lines())).not.toContain(btoa('s3cret'));
  });
});

describe('createSecretStore with --audit-failure=refuse', () => {
  it('creates, replaces and deletes nothing without the line that says so', async () => {
    const world = auditLog('refuse');
    const store = createSecretStore(scene.api, undefined, world.audit);
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
