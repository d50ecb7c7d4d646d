import { beforeAll, describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, failureOf } from './contract.ts';

const contract = useCluster();
let path = '';
let namespace = '';
let lastVersion = '';

beforeAll(async () => {
  ({ path, name: namespace } = await freshNamespace(contract.client));
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const labels = { position: name, half: name < 'c' ? 'first' : 'second' };
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap(name, {}, { labels }));
    lastVersion = metadata.resourceVersion ?? '';
  }
});

const names = async (query: string): Promise<(string | undefined)[]> =>
  (await contract.client.list(`${path}/configmaps?${query}`)).items.map(({ metadata }) => metadata.name);

describe('list', () => {
  it('answers items in the order of their names', async () => {
    const list = await contract.client.list(`${path}/configmaps`);
    expect(list).toMatchObject({ kind: 'ConfigMapList', apiVersion: 'v1' });
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(Number(list.metadata.resourceVersion)).toBeGreaterThanOrEqual(Number(lastVersion));
  });

  it('leaves kind and apiVersion out of the items of built-in kinds', async () => {
    const [item] = (await contract.client.list(`${path}/configmaps`)).items;
    expect(item).not.toHaveProperty('kind');
    expect(item).not.toHaveProperty('apiVersion');
  });

  it('lists all namespaces', async () => {
    const { items } = await contract.client.list('/api/v1/configmaps');
    expect(items.filter(({ metadata }) => metadata.namespace === namespace)).toHaveLength(5);
  });

  it('answers an empty list for a namespace that does not exist', async () => {
    expect((await contract.client.list('/api/v1/namespaces/no-such/configmaps')).items).toEqual([]);
  });

  it.each([
    ['position=a', ['a']],
    ['position==a', ['a']],
    ['half!=first', ['c', 'd', 'e']],
    ['half=second,position!=d', ['c', 'e']],
    ['position in (a, c)', ['a', 'c']],
    ['position notin (a,b,c)', ['d', 'e']],
    ['half', ['a', 'b', 'c', 'd', 'e']],
    ['!half', []],
  ])('selects by the labels %s', async (selector, expected) => {
    expect(await names(`labelSelector=${encodeURIComponent(selector)}`)).toEqual(expected);
  });

  it('refuses a label selector it cannot parse', async () => {
    const answer = await contract.client.request('GET', `${path}/configmaps?labelSelector=a%3D%3D%3Db`);
    expect(failureOf(answer)).toMatchObject({ httpCode: 400, reason: 'BadRequest' });
  });

  it.each([
    ['metadata.name=b', ['b']],
    ['metadata.name!=b', ['a', 'c', 'd', 'e']],
    ['metadata.name=b,metadata.namespace=other', []],
  ])('selects by the fields %s', async (selector, expected) => {
    expect(await names(`fieldSelector=${encodeURIComponent(selector)}`)).toEqual(expected);
  });

  it.each([
    ['configmaps', '"data" is not a known field selector: only "metadata.name", "metadata.namespace"'],
    ['secrets', 'field label not supported: data'],
    ['events', 'field label not supported: data'],
  ])('refuses a field that %s cannot be selected by', async (plural, message) => {
    const answer = await contract.client.request('GET', `${path}/${plural}?fieldSelector=data%3Dx`);
    expect(failureOf(answer)).toMatchObject({ httpCode: 400, reason: 'BadRequest', message });
  });

  it('pages with limit and continue over one consistent state', async () => {
    const first = await contract.client.list(`${path}/configmaps?limit=2`);
    expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(first.metadata.remainingItemCount).toBe(3);
    await contract.client.create(`${path}/configmaps`, configMap('bb'));
    const token = encodeURIComponent(first.metadata.continue ?? '');
    const second = await contract.client.list(`${path}/configmaps?limit=2&continue=${token}`);
    expect(second.items.map(({ metadata }) => metadata.name)).toEqual(['c', 'd']);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const rest = encodeURIComponent(second.metadata.continue ?? '');
    const third = await contract.client.list(`${path}/configmaps?limit=2&continue=${rest}`);
    expect(third.items.map(({ metadata }) => metadata.name)).toEqual(['e']);
    expect(third.metadata.continue).toBeUndefined();
    await contract.client.delete(`${path}/configmaps/bb`);
  });

  it('gives no remaining count when a selector filters', async () => {
    const page = await contract.client.list(`${path}/configmaps?limit=1&labelSelector=half%3Dsecond`);
    expect(page.items.map(({ metadata }) => metadata.name)).toEqual(['c']);
    expect(page.metadata.continue).toBeDefined();
    expect(page.metadata.remainingItemCount).toBeUndefined();
  });

  it('answers the exact state of a resourceVersion', async () => {
    const before = await contract.client.list(`${path}/configmaps`);
    await contract.client.create(`${path}/configmaps`, configMap('later'));
    const version = before.metadata.resourceVersion;
    expect(await names(`resourceVersion=${version}&resourceVersionMatch=Exact`)).not.toContain('later');
    expect(await names('')).toContain('later');
    await contract.client.delete(`${path}/configmaps/later`);
  });

  it('answers no older state than a resourceVersion', async () => {
    const { metadata } = await contract.client.create(`${path}/configmaps`, configMap('fresh'));
    expect(
      await names(`resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=NotOlderThan`),
    ).toContain('fresh');
    await contract.client.delete(`${path}/configmaps/fresh`);
  });

  it('answers any state for resourceVersion 0', async () => {
    expect((await contract.client.list(`${path}/configmaps?resourceVersion=0`)).kind).toBe('ConfigMapList');
  });

  it('refuses resourceVersionMatch without resourceVersion', async () => {
    const answer = await contract.client.request('GET', `${path}/configmaps?resourceVersionMatch=Exact`);
    expect(failureOf(answer)).toMatchObject({
      httpCode: 422,
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
    });
  });

  it('refuses a resourceVersion that is not yet', async () => {
    const answer = await contract.client.request(
      'GET',
      `${path}/configmaps?resourceVersion=900000000&resourceVersionMatch=NotOlderThan`,
    );
    expect(failureOf(answer)).toMatchObject({ httpCode: 504, reason: 'Timeout' });
    expect(answer.body['message']).toContain('Too large resource version: 900000000, current: ');
    expect(answer.body['details']).toMatchObject({ causes: [{ reason: 'ResourceVersionTooLarge' }] });
  });

  it('answers metadata alone as PartialObjectMetadataList', async () => {
    const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const { body } = await contract.client.request('GET', `${path}/configmaps`, { accept });
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(body['items']).toMatchObject([
      { kind: 'PartialObjectMetadata', metadata: { name: 'a' } },
      {},
      {},
      {},
      {},
    ]);
  });

  it('answers a Table with rows and columns', async () => {
    const accept = 'application/json;as=Table;g=meta.k8s.io;v=v1,application/json';
    const { body } = await contract.client.request('GET', `${path}/configmaps`, { accept });
    expect(body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    const columns = body['columnDefinitions'] as { name: string }[];
    expect(columns.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    const rows = body['rows'] as { cells: unknown[]; object: unknown }[];
    expect(rows[0]?.cells.slice(0, 2)).toEqual(['a', 0]);
    expect(rows[0]?.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  });
});
