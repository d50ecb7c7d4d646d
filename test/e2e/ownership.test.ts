import { describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const P = 'sealedsecrets.bitnami.com/';
const MANAGED = { [`${P}managed`]: 'true' };
const PATCH = { [`${P}patch`]: 'true' };
const holder = useWorld();

/** A sealed `db` with one item whose template has more than Secrets have. */
async function sealedWith(namespace: string, template: object): Promise<ApiObject> {
  const sealed = await holder.world.seal({ namespace, name: 'db' }, { a: '1' });
  const spec = sealed['spec'] as { template: object };
  return { ...sealed, spec: { ...spec, template: { ...spec.template, ...template } } };
}

/** What becomes of a SealedSecret, once its status reports it. */
async function outcomeOf(sealed: ApiObject, status: 'True' | 'False' = 'True') {
  const { world } = holder;
  const { namespace = '' } = sealed.metadata;
  await world.apply(sealed);
  const { message } = await world.untilSynced(namespace, 'db', status);
  const secret = await world.secret(namespace, 'db');
  return { message, secret, texts: textsOf(secret) };
}

/** A Secret `db` of somebody else, in a namespace of its own. */
async function withSecret(annotations: Record<string, string>): Promise<string> {
  const { world } = holder;
  const namespace = await world.namespace();
  const metadata = { name: 'db', annotations, labels: { theirs: 'x' } };
  await world.client.create(`/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata,
    stringData: { theirs: 'x' },
  });
  return namespace;
}

describe('a new Secret', () => {
  it('has the name and namespace of the SealedSecret, whatever the template says', async () => {
    const namespace = await holder.world.namespace();
    const metadata = { name: 'other', namespace: 'elsewhere' };
    const { secret } = await outcomeOf(await sealedWith(namespace, { metadata }));
    expect(secret?.metadata).toMatchObject({ name: 'db', namespace });
  });
  it('has no finalizers, whatever the template says', async () => {
    const namespace = await holder.world.namespace();
    const metadata = { finalizers: ['example.com/hold'] };
    const { secret } = await outcomeOf(await sealedWith(namespace, { metadata }));
    expect(secret?.metadata).not.toHaveProperty('finalizers');
  });
  it('has no labels and annotations but those of the template', async () => {
    const namespace = await holder.world.namespace();
    const sealed = await sealedWith(namespace, { metadata: { labels: { template: 'x' } } });
    const own = { labels: { own: 'x' }, annotations: { own: 'x' } };
    const { secret } = await outcomeOf({ ...sealed, metadata: { ...sealed.metadata, ...own } });
    expect(secret?.metadata.labels).toEqual({ template: 'x' });
    expect(secret?.metadata.annotations).toBeUndefined();
  });
  it('without owner and without a mark is made, and reported as made', async () => {
    const namespace = await holder.world.namespace();
    const annotations = { [`${P}skip-set-owner-references`]: 'true' };
    const { secret, texts } = await outcomeOf(await sealedWith(namespace, { metadata: { annotations } }));
    expect(texts).toEqual({ a: '1' });
    expect(secret?.metadata).not.toHaveProperty('ownerReferences');
  });
  it('of no type is as one of type Opaque: no second write', async () => {
    const namespace = await holder.world.namespace();
    const { secret } = await outcomeOf(await sealedWith(namespace, {}));
    const later = await outcomeOf(await sealedWith(namespace, { type: 'Opaque' }));
    expect(secret).toMatchObject({ type: 'Opaque' });
    expect(later.secret).toEqual(secret);
  });
});

describe('a Secret that was there', () => {
  it('managed: is replaced as a whole, the mark too', async () => {
    const namespace = await withSecret(MANAGED);
    const { secret, texts } = await outcomeOf(await sealedWith(namespace, {}));
    expect(texts).toEqual({ a: '1' });
    expect(secret?.metadata.annotations).toBeUndefined();
    expect(secret?.metadata.labels).toBeUndefined();
    expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'SealedSecret', name: 'db' }]);
  });
  it('managed and to be patched: is merged into and gets an owner', async () => {
    const namespace = await withSecret({ ...MANAGED, ...PATCH });
    const { secret, texts } = await outcomeOf(await sealedWith(namespace, {}));
    expect(texts).toEqual({ a: '1', theirs: 'x' });
    expect(secret?.metadata.labels).toEqual({ theirs: 'x' });
    expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'SealedSecret', name: 'db' }]);
  });
  it('does not become immutable later', async () => {
    const namespace = await holder.world.namespace();
    await outcomeOf(await sealedWith(namespace, {}));
    const { secret } = await outcomeOf(
      await sealedWith(namespace, { immutable: true, metadata: { labels: { again: 'x' } } }),
    );
    expect(secret?.metadata.labels).toEqual({ again: 'x' });
    expect(secret).not.toHaveProperty('immutable');
  });
});

/** Changes the Secret `db` as something else than the controller does. */
async function edit(namespace: string, patch: object): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets/db?fieldManager=kubectl-edit`;
  await holder.world.client.patch(path, 'merge', patch);
}

describe('a Secret that something else added to', () => {
  it('keeps labels, annotations and owner references with a new value, and loses what the template gives up', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const first = await sealedWith(namespace, { metadata: { labels: { app: 'shop', old: 'x' } } });
    const { secret } = await outcomeOf(first);
    const owner = await world.client.create(`/api/v1/namespaces/${namespace}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'theirs' },
    });
    const theirs = { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', uid: owner.metadata.uid };
    const ownerReferences = [...(secret?.metadata.ownerReferences ?? []), theirs];
    await edit(namespace, {
      metadata: { labels: { team: 'ops' }, annotations: { note: 'x' }, ownerReferences },
    });
    const sealed = await world.seal({ namespace, name: 'db' }, { a: '2' });
    const spec = sealed['spec'] as { template: object };
    const template = { ...spec.template, metadata: { labels: { app: 'shop' } } };
    await world.apply({ ...sealed, spec: { ...spec, template } });
    await world.untilItem(namespace, 'db', ['a', '2']);
    const { labels, annotations, ...rest } = (await world.secret(namespace, 'db'))?.metadata ?? {};
    expect(labels).toEqual({ app: 'shop', team: 'ops' });
    expect(annotations).toEqual({ note: 'x' });
    expect(rest['ownerReferences']).toMatchObject([{ kind: 'SealedSecret' }, { kind: 'ConfigMap' }]);
  });
  it('keeps a random value of its template, also over a restart', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const { texts } = await outcomeOf(await sealedWith(namespace, { data: { id: '{{ uuidv4 }}' } }));
    await edit(namespace, { metadata: { labels: { backup: 'nightly' } } });
    await world.restart();
    await edit(namespace, { data: { a: btoa('by hand') } });
    await world.untilItem(namespace, 'db', ['a', '1']);
    const secret = await world.secret(namespace, 'db');
    expect(textsOf(secret)).toEqual(texts);
    expect(secret?.metadata.labels).toEqual({ backup: 'nightly' });
  });
});

describe('the reason of a condition', () => {
  it.each([
    ['NoKeyOpensValue', {}, 'elsewhere'],
    ['TypeForbidden', { type: 'kubernetes.io/service-account-token' }, undefined],
    ['RejectedByServer', { type: 'kubernetes.io/tls' }, undefined],
    ['InvalidTemplate', { data: { x: '{{' } }, undefined],
  ])('is a word for machines: %s', async (reason, template, sealedFor) => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await sealedWith(sealedFor ?? namespace, template);
    await world.apply({ ...sealed, metadata: { ...sealed.metadata, namespace } });
    expect(await world.untilSynced(namespace, 'db', 'False')).toMatchObject({ reason });
  });
  it('is Immutable where the Secret is', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await outcomeOf(await sealedWith(namespace, { immutable: true }));
    await world.apply(await sealedWith(namespace, { immutable: true, data: { b: '2' } }));
    expect(await world.untilSynced(namespace, 'db', 'False')).toMatchObject({ reason: 'Immutable' });
  });
});

describe('what the API server refuses', () => {
  it.each([
    ['data that do not suit the type', { type: 'kubernetes.io/tls' }, 'data[tls.crt]: Required value'],
    ['an item with a name that Secrets do not have', { data: { 'a b': 'x' } }, 'data[a b]: Invalid value'],
  ])('is reported in its words: %s', async (_what, template, words) => {
    const { world } = holder;
    const namespace = await world.namespace();
    const { message } = await outcomeOf(await sealedWith(namespace, template), 'False');
    expect(message).toContain(words);
    expect(await world.untilEvent(namespace, 'db', 'ErrUpdateFailed')).toContain(words);
  });
});
