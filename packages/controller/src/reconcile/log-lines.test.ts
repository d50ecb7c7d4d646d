import { KeyRing } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { auditLog } from '../testing/audit-scene.ts';
import { reconcile } from './reconcile.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

const stored = async (texts: Record<string, string>): Promise<ObjectKey> =>
  scene.store(await scene.seal({ namespace, name: 'db' }, texts));

describe('the log of a reconcile', () => {
  it('logs with its success what it did to the Secret', async () => {
    const texts = { password: 's3cret' };
    const key = await stored(texts);
    await scene.pass(key);
    await stored(texts); // sealed anew: other ciphertext, the same Secret
    await scene.pass(key);
    await stored({ password: 'other' });
    await scene.pass(key);
    await scene.pass(key);
    const names = `"namespace":"${namespace}","name":"db"`;
    expect(scene.log.lines).toEqual(
      ['created', 'unchanged', 'updated'].map(
        (result) => `INFO sealed secret unsealed {${names},"result":"${result}"}`,
      ),
    );
  });
  it('leaves the log line of a retried failure to the retry, which says that it concerns the status', async () => {
    const key = await stored({ password: 's3cret' });
    const object = await scene.stored(key);
    const deps = { ...scene.deps, sealedSecrets: { get: () => object } };
    const fault = { action: 'answer', code: 503 } as const;
    const undo = scene.cluster.apiServer.faults.onRequest(
      { verb: 'update', resource: 'sealedsecrets' },
      fault,
    );
    const failure: unknown = await reconcile(key, deps).catch((error: unknown) => error);
    undo();
    expect(failure).toMatchObject({
      code: 'ERR_API_UNAVAILABLE',
      message: expect.stringMatching(/^error updating status: /),
      cause: { status: 503 },
    });
    expect(scene.log.lines.filter((line) => !line.startsWith('INFO'))).toEqual([]);
  });
  it('logs a failure that is not retried', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key, { keys: { keyRing: KeyRing.of() } });
    expect(scene.log.lines).toEqual([
      expect.stringMatching(/^ERROR error unsealing sealed secret .*"reason":"NoKeyOpensValue"/),
    ]);
  });
  it('says why a value may not open, if the key that opened it last is known', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    const { id } = scene.keyPair;
    const removed = new Map([[id, 'the key of May, which was deleted']]);
    const deps = { keys: { keyRing: KeyRing.of(), removed }, secrets: { ...scene.deps.secrets } };
    await scene.editSecret(key, { data: { password: btoa('other') } });
    expect(await scene.pass(key, deps)).toBe('ERR_NO_KEY_OPENS_VALUE');
    const { conditions } = (await scene.stored(key))['status'] as { conditions: { message: string }[] };
    expect(conditions[1]?.message).toContain('the key of May, which was deleted');
  });
});

describe('the audit log of a reconcile', () => {
  it('names the items that were opened and the keys that did it, and no value', async () => {
    const world = auditLog();
    const key = await stored({ password: 's3cret', user: 'root' });
    expect(await scene.pass(key, { audit: world.audit })).toBeUndefined();
    await world.audit.tick();
    const opened = world.lines().filter(({ kind }) => kind === 'sealedsecret.opened');
    expect(opened).toMatchObject([
      {
        object: { kind: 'SealedSecret', namespace, name: 'db' },
        items: ['password', 'user'],
        keys: [scene.keyPair.id],
      },
    ]);
    expect(world.text).not.toContain(btoa('s3cret'));
  });
});
