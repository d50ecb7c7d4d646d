import { describe, expect, it } from 'vitest';
import { textsOf } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';

const P = 'sealedsecrets.bitnami.com/';
const holder = useWorld();

const secretsIn = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`;
const sealedPath = (namespace: string, name: string) =>
  `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/${name}`;

describe('an author who may put items into a Secret of somebody else', () => {
  it('does not come to own it by a mark in the template, and takes nothing along at the end', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const theirs = await world.client.create(`/api/v1/namespaces/${namespace}/configmaps`, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } },
    });
    const { uid = '' } = theirs.metadata;
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'theirs', uid, controller: true };
    const metadata = { name: 'db', annotations: { [`${P}patch`]: 'true' }, ownerReferences: [owner] };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { theirs: 'precious' } };
    await world.client.create(secretsIn(namespace), secret);
    const annotations = { [`${P}managed`]: 'true', [`${P}skip-set-owner-references`]: 'true' };
    for (const value of ['1', '2']) {
      await world.apply(await world.seal({ namespace, name: 'db', annotations }, { a: value }));
      const patched = await world.untilItem(namespace, 'db', ['a', value]);
      expect(patched.metadata).toMatchObject(metadata);
      expect(patched.metadata.annotations).toEqual(metadata.annotations);
    }
    await world.client.delete(sealedPath(namespace, 'db'));
    await world.apply(await world.seal({ namespace, name: 'later' }, { a: '1' }));
    // whatever followed from the deletion has had its time
    await world.untilItem(namespace, 'later', ['a', '1']);
    expect(textsOf(await world.secret(namespace, 'db'))).toEqual({ theirs: 'precious', a: '2' });
  });

  it('learns nothing by guessing what a Secret holds that outlived its SealedSecret', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const annotations = { [`${P}skip-set-owner-references`]: 'true' };
    const metadata = { name: 'kept', annotations };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { pin: '1234' } };
    await world.client.create(secretsIn(namespace), secret);
    const said: (string | undefined)[] = [];
    for (const pin of ['0000', '1234']) {
      await world.apply(await world.seal({ namespace, name: 'kept', annotations }, { pin }));
      said.push((await world.untilSynced(namespace, 'kept', 'False')).message);
    }
    expect(said[0]).toBe(said[1]);
  });
});

describe('a Secret that a SealedSecret made without owner', () => {
  it('outlives it, and follows its successor of the same name', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const annotations = { [`${P}skip-set-owner-references`]: 'true' };
    const apply = async (a: string) =>
      world.apply(await world.seal({ namespace, name: 'kept', annotations }, { a }));
    await apply('1');
    const { metadata } = await world.untilItem(namespace, 'kept', ['a', '1']);
    await apply('2');
    await world.untilItem(namespace, 'kept', ['a', '2']);
    await world.client.delete(sealedPath(namespace, 'kept'));
    await eventually('the end of the SealedSecret', async () =>
      (await world.client.request('GET', sealedPath(namespace, 'kept'))).code === 404 ? true : undefined,
    );
    await apply('3');
    expect((await world.untilItem(namespace, 'kept', ['a', '3'])).metadata.uid).toBe(metadata.uid);
    await world.untilSynced(namespace, 'kept', 'True');
  });
});
