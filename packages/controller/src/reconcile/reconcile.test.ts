import { encodeBase64, encodeUtf8, encryptionLabel, KeyRing, SealedSecretsError } from '@fuin/crypto-core';
import { type ObjectKey, SECRETS } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../test/support/reconcile-scene.ts';
import { reconcile } from './reconcile.ts';
import { Repairs } from './repairs.ts';
import { LastUnseals } from './status/last-unseal.ts';
import { SEALED_SECRETS } from './status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

const stored = async (texts: Record<string, string>, name = 'db'): Promise<ObjectKey> =>
  scene.store(await scene.seal({ namespace, name }, texts));
const change = async (key: ObjectKey, patch: object) => scene.api.patch(SECRETS, key, patch);
const versions = async (key: ObjectKey) => [
  (await scene.secret(key))?.metadata.resourceVersion,
  (await scene.stored(key)).metadata.resourceVersion,
];

describe('reconcile', () => {
  it('creates the Secret, the status and the event', async () => {
    const key = await stored({ password: 's3cret' });
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
    expect((await scene.stored(key))['status']).toMatchObject({
      observedGeneration: 1,
      lastUnseal: { keys: { password: scene.keyPair.id } },
    });
    expect(scene.events.texts).toEqual(['Unsealed: SealedSecret unsealed successfully']);
  });
  it('decrypts and writes nothing if both sides are as the last reconcile left them, even in a new process', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    const before = await versions(key);
    const keys = { keyRing: KeyRing.of() }; // nothing can be opened
    expect(await scene.pass(key, { keys })).toBeUndefined();
    expect(await scene.pass(key, { keys, lastUnseals: new LastUnseals() })).toBeUndefined();
    expect(await versions(key)).toEqual(before);
    expect(scene.events.texts).toHaveLength(1);
  });
  it('does the same for an object with the deepest nesting that the API server allows', async () => {
    const key = await stored({ password: 's3cret' });
    const note: unknown = JSON.parse(`${'{"a":'.repeat(9_900)}1${'}'.repeat(9_900)}`);
    const { spec, ...object } = await scene.stored(key);
    const template = { metadata: { note } };
    const deep = { ...object, spec: { ...(spec as object), template } };
    expect(await scene.pass(key, { sealedSecrets: { get: () => deep } })).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
    expect((await scene.stored(key))['spec']).toEqual(spec);
  });
  it('takes over from upstream without writing the Secret', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    const [secretVersion] = await versions(key);
    const object = await scene.stored(key);
    const status = {
      observedGeneration: 1,
      conditions: [
        {
          type: 'Synced',
          status: 'True',
          lastUpdateTime: '2026-01-01T00:00:00Z',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    };
    await scene.api.replace(SEALED_SECRETS, { ...object, status }, { subresource: 'status' });
    expect(await scene.pass(key, { lastUnseals: new LastUnseals() })).toBeUndefined();
    expect((await versions(key))[0]).toBe(secretVersion);
    expect((await scene.stored(key))['status']).toHaveProperty('lastUnseal');
  });
  it('opens legacy data where the flag allows it', async () => {
    const sealed = await scene.seal({ namespace, name: 'db' }, {});
    const whole = JSON.stringify({
      metadata: { labels: { a: 'b' } },
      data: { password: btoa('s3cret') },
      stringData: { more: 'x' },
    });
    const label = encryptionLabel('strict', namespace, 'db');
    const data = encodeBase64(await scene.keyPair.seal(encodeUtf8(whole), label));
    const key = await scene.store({ ...sealed, spec: { template: {}, encryptedData: {}, data } });
    expect(await scene.pass(key, { acceptV1Data: false })).toBe('ERR_MANIFEST_INVALID');
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret', more: 'x' });
  });
  it('writes the status against the live object if its own copy is old', async () => {
    const key = await stored({ password: 's3cret' });
    const get = scene.deps.sealedSecrets.get;
    const sealedSecrets = {
      get: (each: ObjectKey) => {
        const object = get(each);
        return object && { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
      },
    };
    expect(await scene.pass(key, { sealedSecrets })).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('gives an object that was changed in the meantime no status of an outdated reconcile', async () => {
    const key = await stored({ password: 's3cret' });
    const { write } = scene.deps.statuses;
    const statuses: typeof scene.deps.statuses = {
      write: async (...args) => {
        await scene.store(await scene.seal({ namespace, name: 'db' }, { password: 'newer' }));
        await write(...args);
      },
    };
    expect(await scene.pass(key, { statuses })).toBeUndefined();
    expect(await scene.synced(key)).toBe('none');
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 'newer' });
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('tries again if the status could not be written, even if the object failed permanently', async () => {
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
    sealed.spec.encryptedData['password'] = '!';
    const key = await scene.store(sealed);
    const statuses = { write: () => Promise.reject(new SealedSecretsError('ERR_API_UNAVAILABLE', 'busy')) };
    expect(await scene.pass(key, { statuses })).toBe('ERR_API_UNAVAILABLE');
    expect(await scene.pass(key)).toBe('ERR_ENVELOPE_MALFORMED');
    expect(await scene.synced(key)).toBe('Synced False MalformedValue');
  });
  it('notes that an object fails, until it succeeds', async () => {
    const key = await stored({ password: 's3cret' });
    const { lastUnseals } = scene.deps;
    expect(await scene.pass(key, { keys: { keyRing: KeyRing.of() } })).toBe('ERR_NO_KEY_OPENS_VALUE');
    expect(lastUnseals.isFailing(key)).toBe(true);
    expect(await scene.pass(key)).toBeUndefined();
    expect(lastUnseals.isFailing(key)).toBe(false);
  });
  it('passes a bug on as it is, also one of writing the status', async () => {
    const object = await scene.stored(await stored({ password: 's3cret' }));
    const bug = new Error('bug');
    const deps = { sealedSecrets: { get: () => object }, statuses: { write: () => Promise.reject(bug) } };
    await expect(reconcile({ namespace, name: 'db' }, { ...scene.deps, ...deps })).rejects.toBe(bug);
  });
  it('does not report a conflict or a busy server at first, but does if it lasts', async () => {
    const key = await stored({ password: 's3cret' });
    const secrets = {
      ...scene.deps.secrets,
      create: () => Promise.reject(new SealedSecretsError('ERR_API_UNAVAILABLE', 'busy')),
    };
    expect(await scene.pass(key, { secrets }, 4)).toBe('ERR_API_UNAVAILABLE');
    expect(await scene.synced(key)).toBe('none');
    expect(await scene.pass(key, { secrets }, 5)).toBe('ERR_API_UNAVAILABLE');
    expect(await scene.synced(key)).toBe('Synced False ServerUnavailable');
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('asks once for a Secret that the cache does not show, instead of creating it again and again', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.api.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata: { ...key } });
    const secrets = { ...scene.deps.secrets, knownVersion: () => 'absent' as const };
    const from = scene.cluster.apiServer.log.entries.length;
    expect(await scene.pass(key, { secrets })).toBe('ERR_SECRET_NOT_OWNED');
    const asked = scene.cluster.apiServer.log.entries.slice(from);
    expect(asked.filter(({ resource }) => resource === 'secrets').map(({ verb }) => verb)).toEqual([
      'create',
      'get',
    ]);
  });
  it('recognises its own Secret if the answer to its creation was lost', async () => {
    const key = await stored({ password: 's3cret' });
    const secrets = { ...scene.deps.secrets, knownVersion: () => 'absent' as const };
    const { faults } = scene.cluster.apiServer;
    faults.onRequest({ verb: 'create', resource: 'secrets' }, { action: 'reset', when: 'after' }, 1);
    expect(await scene.pass(key, { secrets })).toBe('ERR_API_UNAVAILABLE');
    expect(await scene.pass(key, { secrets })).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
  });
  it('reports a conflict if a creation is refused although no such Secret exists', async () => {
    const key = await stored({ password: 's3cret' });
    const { faults } = scene.cluster.apiServer;
    faults.onRequest({ verb: 'create', resource: 'secrets' }, { action: 'answer', code: 409 }, 1);
    expect(await scene.pass(key)).toBe('ERR_CONFLICT');
    expect(await scene.pass(key)).toBeUndefined();
  });
  it('reports what an API server refuses, in the words of the controller', async () => {
    const key = await stored({ 'no such key!': 'x' });
    expect(await scene.pass(key)).toBe('ERR_API_REJECTED');
    expect(await scene.synced(key)).toBe('Synced False RejectedByServer');
    expect(scene.events.texts[0]).toContain('ErrUpdateFailed: ');
  });
});

describe('drift', () => {
  it('is repaired, reported and counted', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    await change(key, {
      data: { password: btoa('hacked'), more: btoa('x') },
      metadata: { labels: { theirs: 'x' } },
    });
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 's3cret' });
    expect(scene.events.texts).toContain('DriftDetected: something else changed the Secret: it is restored');
    expect(await scene.metrics.registry.metrics()).toContain(
      'sealed_secrets_controller_drift_total{action="repair"} 1',
    );
  });
  it('delays later changes, but neither the echo of the repair nor a deletion does', async () => {
    const repairs = new Repairs(() => 0);
    const key = await stored({ password: 's3cret' });
    await scene.pass(key, { repairs });
    await scene.api.delete(SECRETS, key);
    await scene.pass(key, { repairs });
    expect(repairs.delayMs(key)).toBe(0);
    for (const [data, delayMs] of [
      ['hacked', 500],
      ['again', 1_000],
    ] as const) {
      await change(key, { data: { password: btoa(data) } });
      expect(await scene.pass(key, { repairs })).toBeUndefined();
      expect(await scene.pass(key, { repairs })).toBeUndefined();
      expect(repairs.delayMs(key)).toBe(delayMs);
    }
  });
  it('is no drift when another controller adds its own labels and annotations', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    await change(key, { metadata: { labels: { theirs: 'x' }, annotations: { theirs: 'x' } } });
    const [before] = await versions(key);
    expect(await scene.pass(key)).toBeUndefined();
    expect((await versions(key))[0]).toBe(before);
    expect(scene.events.texts.join()).not.toContain('DriftDetected');
    const restarted = { keys: { keyRing: KeyRing.of() }, lastUnseals: new LastUnseals() };
    expect(await scene.pass(key, restarted)).toBeUndefined(); // the status knows this version of the Secret
  });
  it('is reported and not repaired with the policy warn', async () => {
    const key = await stored({ password: 's3cret' });
    await scene.pass(key);
    await change(key, { data: { password: btoa('other') } });
    expect(await scene.pass(key, { driftPolicy: 'warn' })).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 'other' });
    expect(scene.events.texts.at(-1)).toContain('it is not restored (--drift-policy=warn)');
    expect(await scene.pass(key, { driftPolicy: 'warn' })).toBeUndefined();
    expect(scene.events.texts.filter((text) => text.startsWith('Drift'))).toHaveLength(1);
    await scene.store(await scene.seal({ namespace, name: 'db' }, { password: 'newer' }));
    expect(await scene.pass(key, { driftPolicy: 'warn' })).toBeUndefined();
    expect(await scene.texts(key)).toEqual({ password: 'newer' });
  });
});
