// Only on the embedded server: the real kube-apiserver runs here without a controller manager, which is what
// collects.
import { describe, expect, it } from 'vitest';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';
import { configMap, ownerOf } from './contract.ts';

const contract = useCluster();

describe('garbage collection', () => {
  const codeOf = async (url: string): Promise<number> => (await contract.client.request('GET', url)).code;

  it('removes dependents after their owner', async () => {
    const { path } = await freshNamespace(contract.client);
    const owner = await contract.client.create(`${path}/configmaps`, configMap('owner'));
    await contract.client.create(
      `${path}/configmaps`,
      configMap('child', {}, { ownerReferences: [ownerOf(owner)] }),
    );
    await contract.client.delete(`${path}/configmaps/owner`);
    await expect.poll(() => codeOf(`${path}/configmaps/child`)).toBe(404);
  });

  it('removes an object whose owner never was', async () => {
    const { path } = await freshNamespace(contract.client);
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'never', uid: 'u' }];
    await contract.client.create(`${path}/configmaps`, configMap('orphan', {}, { ownerReferences }));
    await expect.poll(() => codeOf(`${path}/configmaps/orphan`)).toBe(404);
  });

  it('removes an object whose owner has another uid now', async () => {
    const { path } = await freshNamespace(contract.client);
    const owner = await contract.client.create(`${path}/configmaps`, configMap('owner'));
    await contract.client.create(
      `${path}/configmaps`,
      configMap('child', {}, { ownerReferences: [ownerOf(owner, 'other')] }),
    );
    await expect.poll(() => codeOf(`${path}/configmaps/child`)).toBe(404);
    expect(await codeOf(`${path}/configmaps/owner`)).toBe(200);
  });

  it('keeps an object while one owner lives, and drops the reference to the other', async () => {
    const { path } = await freshNamespace(contract.client);
    const first = await contract.client.create(`${path}/configmaps`, configMap('first'));
    const second = await contract.client.create(`${path}/configmaps`, configMap('second'));
    await contract.client.create(
      `${path}/configmaps`,
      configMap('child', {}, { ownerReferences: [ownerOf(first), ownerOf(second)] }),
    );
    await contract.client.delete(`${path}/configmaps/first`);
    const owners = async (): Promise<unknown> =>
      (await contract.client.get(`${path}/configmaps/child`)).metadata.ownerReferences?.map(
        ({ name }) => name,
      );
    await expect.poll(owners).toEqual(['second']);
  });

  it('orphans dependents on request', async () => {
    const { path } = await freshNamespace(contract.client);
    const owner = await contract.client.create(`${path}/configmaps`, configMap('owner'));
    await contract.client.create(
      `${path}/configmaps`,
      configMap('child', {}, { ownerReferences: [ownerOf(owner)] }),
    );
    await contract.client.delete(`${path}/configmaps/owner`, { propagationPolicy: 'Orphan' });
    await expect.poll(() => codeOf(`${path}/configmaps/owner`)).toBe(404);
    expect((await contract.client.get(`${path}/configmaps/child`)).metadata.ownerReferences).toBeUndefined();
  });

  it('empties and removes a deleted namespace', async () => {
    const { name, path } = await freshNamespace(contract.client);
    await contract.client.create(`${path}/configmaps`, configMap('a'));
    await contract.client.delete(`/api/v1/namespaces/${name}`);
    await expect.poll(() => codeOf(`/api/v1/namespaces/${name}`)).toBe(404);
    expect(await codeOf(`${path}/configmaps/a`)).toBe(404);
  });
});
