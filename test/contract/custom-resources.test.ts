import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiAnswer } from '../support/api/api-client.ts';
import type { ApiObject } from '../support/api/types.ts';
import { freshNamespace, uniqueName, useCluster } from '../support/cluster/use-cluster.ts';
import { failureOf } from './contract.ts';
import { answers } from './older-kubernetes.ts';
import { type CustomResource, createCustomResource } from './widget-crd.ts';

const contract = useCluster();
let widgets: CustomResource;
let path = '';

beforeAll(async () => {
  widgets = await createCustomResource(contract.client);
  path = widgets.path((await freshNamespace(contract.client)).name);
});
afterAll(() => contract.client.delete(widgets.crdPath));

function widget(spec: unknown, rest: Record<string, unknown> = {}, name = uniqueName('w')): ApiObject {
  return { apiVersion: widgets.apiVersion, kind: widgets.kind, metadata: { name }, spec, ...rest };
}

const create = (body: ApiObject, query = ''): Promise<ApiAnswer> =>
  contract.client.request('POST', `${path}${query}`, { body });

describe('schema of a custom resource', () => {
  it.each<[string, unknown, string]>([
    ['no spec', undefined, 'spec: Required value'],
    ['a missing required field', {}, 'spec.size: Required value'],
    ['null for a required field', { size: null }, 'spec.size: Required value'],
    [
      'a wrong type',
      { size: 'x' },
      'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
    ],
    [
      'a spec that is a string',
      'x',
      'spec: Invalid value: "string": spec in body must be of type object: "string"',
    ],
    [
      'a number below its minimum',
      { size: 0 },
      'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    ],
    [
      'a number above its maximum',
      { size: 11 },
      'spec.size: Invalid value: 11: spec.size in body should be less than or equal to 10',
    ],
    [
      'a value outside an enum',
      { size: 1, color: 'green' },
      'spec.color: Unsupported value: "green": supported values: "red", "blue"',
    ],
    [
      'a string outside its pattern',
      { size: 1, code: 'A' },
      `spec.code: Invalid value: "A": spec.code in body should match '^[a-z]+$'`,
    ],
    [
      'a malformed date-time',
      { size: 1, due: 'x' },
      'spec.due: Invalid value: "x": spec.due in body must be of type date-time: "x"',
    ],
    [
      'malformed base64',
      { size: 1, blob: '*' },
      'spec.blob: Invalid value: "*": spec.blob in body must be of type byte: "*"',
    ],
    [
      'a map value of a wrong type',
      { size: 1, map: { a: 1 } },
      'spec.map.a: Invalid value: "integer": spec.map.a in body must be of type string: "integer"',
    ],
    ['a list item without a required field', { size: 1, list: [{}] }, 'spec.list[0].id: Required value'],
  ])('refuses %s', async (_what, spec, message) => {
    const body = widget(spec);
    const answer = await create(body);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      reason: 'Invalid',
      message: `${widgets.kind}.${widgets.group} "${body.metadata.name}" is invalid: ${message}`,
      details: { group: widgets.group, kind: widgets.kind },
    });
  });

  it('drops fields it does not know and warns of them', async () => {
    const answer = await create(widget({ size: 1, bogus: 1, list: [{ id: 'a', more: 1 }] }));
    expect(answer.code).toBe(201);
    expect(answer.body['spec']).toEqual({ size: 1, list: [{ id: 'a' }], mode: 'slow' });
    expect(answer.headers['warning']).toBe(
      '299 - "unknown field \\"spec.bogus\\"", 299 - "unknown field \\"spec.list[0].more\\""',
    );
  });

  it('refuses fields it does not know under strict validation', async () => {
    const answer = await create(widget({ size: 1, bogus: 1 }), '?fieldValidation=Strict');
    expect(failureOf(answer)).toMatchObject({
      httpCode: 400,
      reason: 'BadRequest',
      message: `${widgets.kind} in version "v1" cannot be handled as a ${widgets.kind}: strict decoding error: unknown field "spec.bogus"`,
    });
  });

  it('keeps unknown fields where the schema preserves them', async () => {
    const { body } = await create(widget({ size: 1, open: { x: { y: 1 } } }));
    expect(body['spec']).toMatchObject({ open: { x: { y: 1 } } });
  });

  it('checks known values beside preserved unknown ones', async () => {
    expect((await create(widget({ size: 1, loose: { a: 1 } }))).code).toBe(422);
  });

  it('keeps null where nullable and drops it elsewhere', async () => {
    const { body } = await create(widget({ size: 1, note: null, color: null, map: { a: null } }));
    expect(body['spec']).toEqual({ size: 1, note: null, map: {}, mode: 'slow' });
  });

  it('fills defaults', async () => {
    expect((await create(widget({ size: 1 }))).body['spec']).toEqual({ size: 1, mode: 'slow' });
  });

  it('takes an integer or a string where both are allowed', async () => {
    expect((await create(widget({ size: 1, port: 80 }))).code).toBe(201);
    expect((await create(widget({ size: 1, port: 'http' }))).code).toBe(201);
    expect((await create(widget({ size: 1, port: true }))).code).toBe(422);
  });

  it('names group and resource when an object is not found', async () => {
    expect(failureOf(await contract.client.request('GET', `${path}/x`))).toMatchObject({
      httpCode: 404,
      message: `${widgets.plural}.${widgets.group} "x" not found`,
      details: { name: 'x', group: widgets.group, kind: widgets.plural },
    });
  });

  it('refuses an update without resourceVersion', async () => {
    const body = widget({ size: 1 });
    await create(body);
    const answer = await contract.client.request('PUT', `${path}/${body.metadata.name}`, { body });
    expect(failureOf(answer)).toMatchObject({ httpCode: 422, reason: 'Invalid' });
    expect(answer.body['message']).toContain(answers.withoutResourceVersion);
  });

  it('lists items with kind and apiVersion', async () => {
    await create(widget({ size: 1 }));
    const list = await contract.client.list(path);
    expect(list).toMatchObject({ kind: `${widgets.kind}List`, apiVersion: widgets.apiVersion });
    expect(list.items[0]).toMatchObject({ kind: widgets.kind, apiVersion: widgets.apiVersion });
  });

  it('can be selected by name and namespace only', async () => {
    const answer = await contract.client.request('GET', `${path}?fieldSelector=spec.size%3D1`);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 400,
      message: 'field label not supported: spec.size',
    });
  });

  it('prints the columns of its definition', async () => {
    const { body } = await create(widget({ size: 7 }));
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1';
    const table = (await contract.client.request('GET', `${path}/${body.metadata.name}`, { accept })).body;
    const columns = table['columnDefinitions'] as { name: string }[];
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'Synced', 'Size', 'Age']);
    const [row] = table['rows'] as { cells: unknown[] }[];
    expect(row?.cells.slice(0, 3)).toEqual([body.metadata.name, null, 7]);
  });
});

describe('generation', () => {
  it('starts at 1 and counts changes of the spec only', async () => {
    const created = (await create(widget({ size: 1 }))).body;
    const url = `${path}/${created.metadata.name}`;
    expect(created.metadata.generation).toBe(1);
    const labelled = await contract.client.patch(url, 'merge', { metadata: { labels: { a: 'b' } } });
    expect(labelled.metadata.generation).toBe(1);
    const changed = await contract.client.patch(url, 'merge', { spec: { size: 2 } });
    expect(changed.metadata.generation).toBe(2);
    const reported = await contract.client.patch(`${url}/status`, 'merge', {
      status: { observedGeneration: 2 },
    });
    expect(reported.metadata.generation).toBe(2);
  });
});

describe('status subresource', () => {
  it('is the only way to write status', async () => {
    const created = (await create(widget({ size: 1 }, { status: { observedGeneration: 5 } }))).body;
    expect(created['status']).toBeUndefined();
    const updated = await contract.client.update(`${path}/${created.metadata.name}`, {
      ...created,
      spec: { size: 2 },
      status: { observedGeneration: 5 },
    });
    expect(updated).toMatchObject({ spec: { size: 2 } });
    expect(updated['status']).toBeUndefined();
  });

  it('writes status and nothing else', async () => {
    const created = (await create(widget({ size: 1 }))).body;
    const metadata = { ...created.metadata, labels: { a: 'b' }, annotations: { a: 'b' } };
    const body = { ...created, metadata, spec: { size: 3 }, status: { observedGeneration: 1 } };
    const written = await contract.client.update(`${path}/${created.metadata.name}/status`, body);
    expect(written).toMatchObject({ spec: { size: 1 }, status: { observedGeneration: 1 } });
    expect(written.metadata.labels).toBeUndefined();
    expect(written.metadata.annotations).toBeUndefined();
    expect(written.metadata.resourceVersion).not.toBe(created.metadata.resourceVersion);
  });

  it('refuses an old resourceVersion', async () => {
    const created = (await create(widget({ size: 1 }))).body;
    const url = `${path}/${created.metadata.name}`;
    await contract.client.patch(url, 'merge', { spec: { size: 2 } });
    const body = { ...created, status: { observedGeneration: 1 } };
    const answer = await contract.client.request('PUT', `${url}/status`, { body });
    expect(failureOf(answer)).toMatchObject({ httpCode: 409, reason: 'Conflict' });
  });

  it('validates conditions', async () => {
    const created = (await create(widget({ size: 1 }))).body;
    const answer = await contract.client.request('PATCH', `${path}/${created.metadata.name}/status`, {
      body: { status: { conditions: [{ type: 'Synced' }] } },
      contentType: 'application/merge-patch+json',
    });
    expect(answer.code).toBe(422);
    expect(answer.body['message']).toContain(` ${answers.conditionStatus}: Required value`);
  });

  it('emits a MODIFIED event', async () => {
    const created = (await create(widget({ size: 1 }))).body;
    const watch = await contract.client.watch(`${path}?resourceVersion=${created.metadata.resourceVersion}`);
    await contract.client.patch(`${path}/${created.metadata.name}/status`, 'merge', {
      status: { observedGeneration: 1 },
    });
    expect(await watch.next()).toMatchObject({
      type: 'MODIFIED',
      object: { status: { observedGeneration: 1 } },
    });
    watch.close();
  });
});

describe('CustomResourceDefinition', () => {
  it('reports that it is established', async () => {
    const crd = await contract.client.get(widgets.crdPath);
    expect(crd['status']).toMatchObject({
      acceptedNames: { kind: widgets.kind, plural: widgets.plural, listKind: `${widgets.kind}List` },
      conditions: [
        { type: 'NamesAccepted', status: 'True' },
        { type: 'Established', status: 'True' },
      ],
      storedVersions: ['v1'],
    });
  });

  it('takes its objects with it', async () => {
    const other = await createCustomResource(contract.client);
    const { name } = await freshNamespace(contract.client);
    await contract.client.create(other.path(name), {
      apiVersion: other.apiVersion,
      kind: other.kind,
      metadata: { name: 'x' },
      spec: { size: 1 },
    });
    await contract.client.delete(other.crdPath);
    await expect
      .poll(async () => (await contract.client.request('GET', `${other.path(name)}/x`)).code)
      .toBe(404);
  });
});
