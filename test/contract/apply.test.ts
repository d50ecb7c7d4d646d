import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiAnswer, PATCH_TYPES } from '../support/api/api-client.ts';
import { freshNamespace, uniqueName, useCluster } from '../support/cluster/use-cluster.ts';
import { base64, configMap, failureOf, ownerOf, secret } from './contract.ts';
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

type Applier = (
  manager: string,
  data: Record<string, string>,
  options?: { force?: boolean; metadata?: Record<string, unknown> },
) => Promise<ApiAnswer>;

/** Applies a ConfigMap of its own under several managers. */
function applier(): { apply: Applier; url: string } {
  const name = uniqueName('a');
  const url = `${path}/configmaps/${name}`;
  const apply: Applier = (manager, data, { force = false, metadata = {} } = {}) =>
    contract.client.request('PATCH', `${url}?fieldManager=${manager}${force ? '&force=true' : ''}`, {
      body: configMap(name, data, metadata),
      contentType: PATCH_TYPES.apply,
    });
  return { apply, url };
}

describe('server-side apply', () => {
  it('creates and records what it owns', async () => {
    const { apply } = applier();
    const { code, body } = await apply('one', { a: '1' });
    expect(code).toBe(201);
    expect(body.metadata.managedFields).toMatchObject([
      { manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ]);
  });

  it('writes nothing when applied again', async () => {
    const { apply } = applier();
    const first = await apply('one', { a: '1' });
    const second = await apply('one', { a: '1' });
    expect(second.code).toBe(200);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  it('refuses to change a field of another manager', async () => {
    const { apply } = applier();
    await apply('one', { a: '1' });
    expect(failureOf(await apply('two', { a: '9' }))).toEqual({
      httpCode: 409,
      kind: 'Status',
      status: 'Failure',
      reason: 'Conflict',
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
      },
      code: 409,
    });
  });

  it('names each conflict', async () => {
    const { apply } = applier();
    await apply('one', { a: '1', b: '2' });
    const { body } = await apply('two', { a: '9', b: '9' });
    expect(body['message']).toBe(
      'Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b',
    );
  });

  it('takes a field over by force', async () => {
    const { apply } = applier();
    await apply('one', { a: '1', b: '2' });
    const { body } = await apply('two', { a: '9' }, { force: true });
    expect(body['data']).toEqual({ a: '9', b: '2' });
    const owners = body.metadata.managedFields?.map(({ manager, fieldsV1 }) => [
      manager,
      Object.keys(fieldsV1['f:data'] as object),
    ]);
    expect(owners).toEqual(
      expect.arrayContaining([
        ['one', ['f:b']],
        ['two', ['f:a']],
      ]),
    );
  });

  it('shares a field whose value is the same', async () => {
    const { apply } = applier();
    await apply('one', { a: '1' });
    expect((await apply('two', { a: '1' })).code).toBe(200);
    const { body } = await apply('one', {});
    expect(body['data']).toEqual({ a: '1' });
  });

  it('removes a field its only owner applies no more', async () => {
    const { apply } = applier();
    await apply('one', { a: '1', b: '2' });
    expect((await apply('one', { b: '2' })).body['data']).toEqual({ b: '2' });
  });

  it('keeps fields that others wrote', async () => {
    const { apply, url } = applier();
    await apply('one', { a: '1' });
    await contract.client.patch(`${url}?fieldManager=three`, 'merge', { data: { z: '9' } });
    expect((await apply('one', { a: '2' })).body['data']).toEqual({ a: '2', z: '9' });
  });

  it('conflicts with an update by another manager', async () => {
    const { apply, url } = applier();
    await apply('one', { a: '1' });
    await contract.client.patch(`${url}?fieldManager=three`, 'merge', { data: { a: '3' } });
    expect((await apply('one', { a: '1' })).body['message']).toBe(
      'Apply failed with 1 conflict: conflict with "three" using v1: .data.a',
    );
  });

  it('demands a field manager', async () => {
    const { url } = applier();
    const answer = await contract.client.request('PATCH', url, {
      body: configMap('x'),
      contentType: PATCH_TYPES.apply,
    });
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      message:
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    });
  });

  it('owns each owner reference and finalizer on its own', async () => {
    const { apply, url } = applier();
    const owner = async () =>
      ownerOf(await contract.client.create(`${path}/configmaps`, configMap(uniqueName('owner'))));
    const [first, second] = [await owner(), await owner()];
    await apply('one', { a: '1' }, { metadata: { ownerReferences: [first], finalizers: ['example.com/a'] } });
    const { body } = await apply(
      'two',
      { a: '1' },
      { metadata: { ownerReferences: [second], finalizers: ['example.com/b'] } },
    );
    expect(body.metadata.ownerReferences).toEqual([first, second]);
    expect(body.metadata.finalizers).toEqual(['example.com/a', 'example.com/b']);
    await contract.client.patch(url, 'merge', { metadata: { finalizers: null } });
  });

  it('reads YAML', async () => {
    const { url } = applier();
    const name = url.split('/').at(-1);
    const body = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n`;
    const answer = await contract.client.request('PATCH', `${url}?fieldManager=one`, {
      body,
      contentType: PATCH_TYPES.apply,
    });
    expect(answer.body).toMatchObject({ data: { a: '1' } });
  });

  it('encodes stringData of a Secret', async () => {
    const name = uniqueName('s');
    const applied = await contract.client.patch(
      `${path}/secrets/${name}?fieldManager=one`,
      'apply',
      secret(name, { a: 'x' }),
    );
    expect(applied).toMatchObject({ type: 'Opaque', data: { a: base64('x') } });
  });

  it('applies custom resources and their status apart', async () => {
    const url = `${widgets.path(namespace)}/w`;
    const type = { apiVersion: widgets.apiVersion, kind: widgets.kind, metadata: { name: 'w' } };
    const created = await contract.client.patch(`${url}?fieldManager=one`, 'apply', {
      ...type,
      spec: { size: 1 },
      status: { observedGeneration: 1 },
    });
    expect(created).toMatchObject({ spec: { size: 1 }, metadata: { generation: 1 } });
    expect(created['status']).toBeUndefined();
    const reported = await contract.client.patch(`${url}/status?fieldManager=two`, 'apply', {
      ...type,
      status: { observedGeneration: 1 },
    });
    expect(reported).toMatchObject({
      spec: { size: 1 },
      status: { observedGeneration: 1 },
      metadata: { generation: 1 },
    });
    expect(reported.metadata.managedFields).toEqual(
      expect.arrayContaining([expect.objectContaining({ manager: 'two', subresource: 'status' })]),
    );
  });

  it('refuses a field the schema does not know', async () => {
    const url = `${widgets.path(namespace)}/unknown?fieldManager=one`;
    const body = {
      apiVersion: widgets.apiVersion,
      kind: widgets.kind,
      metadata: { name: 'unknown' },
      spec: { size: 1, bogus: 2 },
    };
    const answer = await contract.client.request('PATCH', url, { body, contentType: PATCH_TYPES.apply });
    expect(answer.code).toBe(500);
    expect(answer.body['message']).toContain('.spec.bogus: field not declared in schema');
  });
});
