import { KeyRing } from '@fuin/crypto-core';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import { LastUnseals } from '../status/last-unseal.ts';
import { createStatusWriter, SEALED_SECRETS } from '../status/status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

type Metadata = KubeObject['metadata'];

async function unsealed(password: string, template: Record<string, unknown> = {}): Promise<ObjectKey> {
  const sealed = await scene.seal({ namespace, name: 'db' }, { password });
  sealed.spec.template = template;
  const key = await scene.store(sealed);
  expect(await scene.pass(key)).toBeUndefined();
  return key;
}

const metadataOf = async (key: ObjectKey): Promise<Metadata> => (await scene.secret(key))?.metadata ?? {};
const drifts = (): number => scene.events.texts.filter((text) => text.startsWith('DriftDetected')).length;

const THEIRS = {
  labels: { team: 'ops' },
  annotations: { note: 'x' },
  finalizers: ['example.com/hold'],
};

describe('what others add to the Secret', () => {
  async function withTheirs(): Promise<ObjectKey> {
    const key = await unsealed('s3cret', { metadata: { labels: { app: 'shop', old: 'x' } } });
    const { ownerReferences = [] } = await metadataOf(key);
    // an existing one, otherwise the garbage collector removes the reference
    const theirs = { namespace, name: 'theirs' };
    await scene.createByHand({ apiVersion: 'v1', kind: 'Secret', metadata: theirs });
    const { uid } = await metadataOf(theirs);
    const owners = [...ownerReferences, { apiVersion: 'v1', kind: 'Secret', name: 'theirs', uid }];
    await scene.editSecret(key, { metadata: { ...THEIRS, ownerReferences: owners } });
    return key;
  }

  it.each([
    [
      'a new value',
      (key: ObjectKey) => unsealed('newer', { metadata: { labels: { app: 'shop' } } }).then(() => key),
    ],
    [
      'a value that is put back',
      async (key: ObjectKey) => {
        await scene.editSecret(key, { data: { password: btoa('by hand') } });
        expect(await scene.pass(key)).toBeUndefined();
      },
    ],
  ])('stays with %s', async (_what, change) => {
    const key = await withTheirs();
    await change(key);
    expect((await scene.texts(key))?.['password']).not.toBe('by hand');
    const { labels, annotations, finalizers, ownerReferences } = await metadataOf(key);
    expect({ labels, annotations, finalizers }).toMatchObject({
      ...THEIRS,
      labels: { team: 'ops', app: 'shop' },
    });
    expect(ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'SealedSecret db',
      'Secret theirs',
    ]);
  });
  it('removes what the template set earlier and no longer sets', async () => {
    const key = await withTheirs();
    await unsealed('s3cret', { metadata: { labels: { app: 'shop' } } });
    expect((await metadataOf(key)).labels).toEqual({ app: 'shop', team: 'ops' });
  });
  it('give way to the same name in the template', async () => {
    const key = await withTheirs();
    await unsealed('s3cret', { metadata: { labels: { team: 'dev' } } });
    expect((await metadataOf(key)).labels).toEqual({ team: 'dev' });
  });
  it('is removed when a Secret of somebody else is taken over', async () => {
    const annotations = { 'sealedsecrets.bitnami.com/managed': 'true' };
    const object = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name: 'db', annotations } };
    await scene.createByHand({ ...object, metadata: { ...object.metadata, labels: THEIRS.labels } });
    expect(await metadataOf(await unsealed('s3cret'))).not.toHaveProperty('labels');
  });
});

const RANDOM = { data: { salted: '{{ htpasswd "ci" .password }}', id: '{{ uuidv4 }}' } };

/** What a controller that was just started does. */
const restarted = (key: ObjectKey, deps: Parameters<Scene['pass']>[1] = {}) =>
  scene.pass(key, { lastUnseals: new LastUnseals(), ...deps });

describe('a template whose result differs each time', () => {
  it.each([
    ['a label', { metadata: { labels: { backup: 'nightly' } } }],
    ['an annotation', { metadata: { annotations: { note: 'x' } } }],
    ['a finalizer', { metadata: { finalizers: ['example.com/hold'] } }],
  ])('is no drift when something else adds %s, nor after a restart', async (_what, patch) => {
    const key = await unsealed('s3cret', RANDOM);
    const before = await scene.texts(key);
    await scene.editSecret(key, patch);
    expect(await scene.pass(key)).toBeUndefined();
    await scene.editSecret(key, { metadata: { labels: { again: 'x' } } });
    expect(await restarted(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual(before);
    expect(await metadataOf(key)).toMatchObject({ ...patch.metadata, labels: { again: 'x' } });
    expect(drifts()).toBe(0);
  });
  it("keeps its value over a restart under upstream's CRD, which keeps no record", async () => {
    const { api, deps } = scene;
    const replace: typeof api.replace = (resource, object, options) => {
      const { lastUnseal: _lastUnseal, ...status } = object['status'] as Record<string, unknown>;
      return api.replace(resource, { ...object, status }, options);
    };
    const statuses = createStatusWriter({ get: (...args) => api.get(...args), replace }, () => new Date());
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
    const key = await scene.store({ ...sealed, spec: { ...sealed.spec, template: RANDOM } });
    expect(await scene.pass(key, { statuses })).toBeUndefined();
    const before = await scene.secret(key);
    expect(await restarted(key, { statuses, reporter: deps.reporter })).toBeUndefined();
    expect(await scene.secret(key)).toEqual(before);
  });
  it('keeps an immutable Secret in sync when a label is added', async () => {
    const key = await unsealed('s3cret', { ...RANDOM, immutable: true });
    await scene.editSecret(key, { metadata: { labels: { backup: 'nightly' } } });
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('keeps its value when another one is restored', async () => {
    const key = await unsealed('s3cret', RANDOM);
    const before = await scene.texts(key);
    await scene.editSecret(key, { data: { password: btoa('by hand') } });
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual(before);
    expect(drifts()).toBe(1);
  });
  it.each([
    ['changed', btoa('by hand')],
    ['removed', null],
  ])('is rendered again when something else %s its value', async (_how, value) => {
    const key = await unsealed('s3cret', RANDOM);
    const before = await scene.texts(key);
    await scene.editSecret(key, { data: { salted: value } });
    expect(await scene.pass(key)).toBeUndefined();
    const after = await scene.texts(key);
    expect(after?.['salted']).toMatch(/^ci:\$2a\$/);
    expect(after?.['id']).toBe(before?.['id']);
    expect(drifts()).toBe(1);
  });
  it('keeps the value that another replica gave it between two terms of this one', async () => {
    const lastUnseals = new LastUnseals();
    const version = async (extra: string) => {
      const sealed = await scene.seal({ namespace, name: 'db' }, { password: 's3cret' });
      sealed.spec.template = { data: { id: '{{ uuidv4 }}', extra } };
      return scene.store(sealed);
    };
    const key = await version('first');
    expect(await scene.pass(key, { lastUnseals })).toBeUndefined();
    await version('second');
    expect(await restarted(key)).toBeUndefined(); // the other one leads
    const before = await scene.texts(key);
    lastUnseals.beginTerm();
    expect(await scene.pass(key, { lastUnseals })).toBeUndefined();
    expect(await scene.texts(key)).toEqual(before);
    await scene.editSecret(key, { metadata: { labels: { team: 'ops' } } });
    expect(await scene.pass(key, { lastUnseals })).toBeUndefined();
    expect(await scene.texts(key)).toEqual(before);
    expect(before?.['extra']).toBe('second');
  });
  it('is rendered again for a new version, even if a forged status says that it was applied', async () => {
    const template = { data: { url: 'postgres://u:{{ .password }}@h' } };
    await unsealed('s3cret', template);
    const sealed = await scene.seal({ namespace, name: 'db' }, { password: 'newer' });
    const key = await scene.store({ ...sealed, spec: { ...sealed.spec, template } });
    const object = await scene.stored(key);
    const status = { ...(object['status'] as object), observedGeneration: object.metadata.generation };
    await scene.api.replace(SEALED_SECRETS, { ...object, status }, { subresource: 'status' });
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toMatchObject({ url: 'postgres://u:newer@h' });
  });
  it('keeps its value after a failure that passed', async () => {
    const key = await unsealed('s3cret', RANDOM);
    const before = await scene.texts(key);
    await scene.editSecret(key, { metadata: { labels: { backup: 'nightly' } } });
    expect(await scene.pass(key, { keys: { keyRing: KeyRing.of() } })).toBe('ERR_NO_KEY_OPENS_VALUE');
    expect(await scene.pass(key)).toBeUndefined();
    expect(await scene.texts(key)).toEqual(before);
  });
  it('is rendered again for a new version of the SealedSecret', async () => {
    const key = await unsealed('s3cret', RANDOM);
    const before = await scene.texts(key);
    await unsealed('newer', RANDOM);
    expect((await scene.texts(key))?.['id']).not.toBe(before?.['id']);
  });
});

describe('the account of what was written', () => {
  it.each([undefined, null, 'x', [null, 7, {}], [{ manager: 'sealed-secrets-controller', fieldsV1: 'x' }]])(
    'may be of any shape: %j',
    async (managedFields) => {
      const key = await unsealed('s3cret');
      const read = async () => {
        const secret = await scene.secret(key);
        const metadata = { ...secret?.metadata, managedFields, labels: { team: 'ops' } };
        return { ...secret, apiVersion: 'v1', kind: 'Secret', metadata } as const;
      };
      const secrets = { ...scene.deps.secrets, read, replace: async (secret: never) => secret };
      expect(await restarted(key, { secrets })).toBeUndefined();
    },
  );
});
