import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, PATCH_TYPES } from '../support/api/api-client.ts';
import type { ApiObject } from '../support/api/types.ts';
import { freshNamespace, uniqueName, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, failureOf, ownerOf } from './contract.ts';
import { type CustomResource, createCustomResource } from './widget-crd.ts';

const contract = useCluster();
let path = '';
let widgets: CustomResource;
let namespace = '';

beforeAll(async () => {
  ({ path, name: namespace } = await freshNamespace(contract.client));
  widgets = await createCustomResource(contract.client);
});
afterAll(() => contract.client.delete(widgets.crdPath));

async function fresh(metadata: Record<string, unknown> = {}): Promise<string> {
  const name = uniqueName('p');
  await contract.client.create(`${path}/configmaps`, configMap(name, { a: '1', b: '2' }, metadata));
  return `${path}/configmaps/${name}`;
}

const tryPatch = (url: string, type: keyof typeof PATCH_TYPES, body: unknown): Promise<ApiAnswer> =>
  contract.client.request('PATCH', url, { body, contentType: PATCH_TYPES[type] });

describe('merge patch', () => {
  it('sets, keeps and removes fields', async () => {
    const patched = await contract.client.patch(await fresh(), 'merge', { data: { a: null, c: '3' } });
    expect(patched['data']).toEqual({ b: '2', c: '3' });
  });

  it('replaces lists as a whole', async () => {
    const url = await fresh({ finalizers: ['example.com/a'] });
    const patched = await contract.client.patch(url, 'merge', {
      metadata: { finalizers: ['example.com/b'] },
    });
    expect(patched.metadata.finalizers).toEqual(['example.com/b']);
    await contract.client.patch(url, 'merge', { metadata: { finalizers: null } });
  });

  it('refuses an old resourceVersion in the patch', async () => {
    const answer = await tryPatch(await fresh(), 'merge', {
      metadata: { resourceVersion: '1' },
      data: { z: '1' },
    });
    expect(failureOf(answer)).toMatchObject({ httpCode: 409, reason: 'Conflict' });
    expect(answer.body['message']).toContain(
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it('refuses the uid of another object', async () => {
    const answer = await tryPatch(await fresh(), 'merge', { metadata: { uid: 'x' } });
    expect(failureOf(answer)).toMatchObject({ httpCode: 422, reason: 'Invalid' });
    expect(answer.body['message']).toContain('metadata.uid: Invalid value: "x": field is immutable');
  });

  it('refuses to rename', async () => {
    expect(failureOf(await tryPatch(await fresh(), 'merge', { metadata: { name: 'x' } }))).toMatchObject({
      httpCode: 400,
      reason: 'BadRequest',
    });
  });

  it('answers 404 for an object that does not exist', async () => {
    expect((await tryPatch(`${path}/configmaps/none`, 'merge', { data: {} })).code).toBe(404);
  });

  it('writes nothing when nothing changes', async () => {
    const url = await fresh();
    const before = await contract.client.get(url);
    const patched = await contract.client.patch(url, 'merge', { data: { a: '1' } });
    expect(patched.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });
});

describe('JSON patch', () => {
  it('applies operations in order', async () => {
    const patched = await contract.client.patch(await fresh(), 'json', [
      { op: 'test', path: '/data/b', value: '2' },
      { op: 'remove', path: '/data/a' },
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'replace', path: '/data/b', value: '9' },
    ]);
    expect(patched['data']).toEqual({ b: '9', c: '3' });
  });

  it.each([
    ['a test that fails', [{ op: 'test', path: '/data/b', value: '9' }]],
    ['the removal of an absent field', [{ op: 'remove', path: '/data/zz' }]],
    ['a test of an old resourceVersion', [{ op: 'test', path: '/metadata/resourceVersion', value: '1' }]],
  ])('refuses %s and writes nothing', async (_what, operations) => {
    const url = await fresh();
    const answer = await tryPatch(url, 'json', [{ op: 'add', path: '/data/c', value: '3' }, ...operations]);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    });
    expect((await contract.client.get(url))['data']).toEqual({ a: '1', b: '2' });
  });

  it('refuses a body that is no list', async () => {
    expect((await tryPatch(await fresh(), 'json', { a: 1 })).code).toBe(400);
  });
});

describe('strategic merge patch', () => {
  it('merges owner references by uid', async () => {
    const owner = async () =>
      ownerOf(await contract.client.create(`${path}/configmaps`, configMap(uniqueName('owner'))));
    const [first, second] = [await owner(), await owner()];
    const url = await fresh({ ownerReferences: [first] });
    const patched = await contract.client.patch(url, 'strategic', {
      metadata: { ownerReferences: [second] },
    });
    expect(patched.metadata.ownerReferences).toHaveLength(2);
    expect(patched.metadata.ownerReferences).toEqual(expect.arrayContaining([first, second]));
    const removed = await contract.client.patch(url, 'strategic', {
      metadata: { ownerReferences: [{ $patch: 'delete', uid: first.uid }] },
    });
    expect(removed.metadata.ownerReferences).toEqual([second]);
  });

  it('merges finalizers as a set', async () => {
    const url = await fresh({ finalizers: ['example.com/a'] });
    const patched = await contract.client.patch(url, 'strategic', {
      metadata: { finalizers: ['example.com/b', 'example.com/a'] },
    });
    expect(patched.metadata.finalizers?.toSorted()).toEqual(['example.com/a', 'example.com/b']);
    const removed = await contract.client.patch(url, 'strategic', {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] },
    });
    expect(removed.metadata.finalizers).toEqual(['example.com/b']);
    await contract.client.patch(url, 'merge', { metadata: { finalizers: null } });
  });

  it('removes a map entry with null', async () => {
    const patched = await contract.client.patch(await fresh(), 'strategic', { data: { a: null } });
    expect(patched['data']).toEqual({ b: '2' });
  });

  it('replaces a map on request', async () => {
    const patched = await contract.client.patch(await fresh(), 'strategic', {
      data: { $patch: 'replace', c: '3' },
    });
    expect(patched['data']).toEqual({ c: '3' });
  });

  it('merges containers and their environment by name', async () => {
    const url = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    const container = { name: 'c', image: 'i:1', env: [{ name: 'A', value: '1' }] };
    const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [container] } };
    const spec = { selector: { matchLabels: { app: 'x' } }, template };
    await contract.client.create(url, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec,
    });
    const patch = {
      spec: { template: { spec: { containers: [{ name: 'c', env: [{ name: 'B', value: '2' }] }] } } },
    };
    const patched = await contract.client.patch(`${url}/d`, 'strategic', patch);
    expect(patched['spec']).toMatchObject({
      template: {
        spec: {
          containers: [
            {
              name: 'c',
              image: 'i:1',
              env: expect.arrayContaining([
                { name: 'A', value: '1' },
                { name: 'B', value: '2' },
              ]),
            },
          ],
        },
      },
    });
    expect(patched.metadata.generation).toBe(2);
  });

  it('is not taken by custom resources', async () => {
    const body: ApiObject = {
      apiVersion: widgets.apiVersion,
      kind: widgets.kind,
      metadata: { name: 'w' },
      spec: { size: 1 },
    };
    await contract.client.create(widgets.path(namespace), body);
    const answer = await tryPatch(`${widgets.path(namespace)}/w`, 'strategic', { spec: { size: 2 } });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 415,
      reason: 'UnsupportedMediaType',
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    });
  });
});
