import { describe, expect, it } from 'vitest';
import { useCluster } from '../support/cluster/use-cluster.ts';

const contract = useCluster();

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly shortNames?: string[];
  readonly verbs: string[];
}

describe('discovery', () => {
  it('names the core version', async () => {
    expect(await contract.client.get('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  });

  it.each([
    'apps',
    'coordination.k8s.io',
    'rbac.authorization.k8s.io',
    'apiextensions.k8s.io',
    'policy',
    'networking.k8s.io',
    'discovery.k8s.io',
  ])('lists the group %s', async (name) => {
    const { groups } = await contract.client.get('/apis');
    expect(groups).toContainEqual(
      expect.objectContaining({ name, preferredVersion: { groupVersion: `${name}/v1`, version: 'v1' } }),
    );
  });

  it.each([
    ['/api/v1', 'secrets', 'Secret', undefined],
    ['/api/v1', 'configmaps', 'ConfigMap', ['cm']],
    ['/api/v1', 'services', 'Service', ['svc']],
    ['/api/v1', 'pods', 'Pod', ['po']],
    ['/api/v1', 'events', 'Event', ['ev']],
    ['/apis/apps/v1', 'deployments', 'Deployment', ['deploy']],
    ['/apis/coordination.k8s.io/v1', 'leases', 'Lease', undefined],
    ['/apis/policy/v1', 'poddisruptionbudgets', 'PodDisruptionBudget', ['pdb']],
  ])('describes %s/%s', async (path, name, kind, shortNames) => {
    const { resources } = await contract.client.get(path);
    const found = (resources as ApiResource[]).find((resource) => resource.name === name);
    expect(found).toMatchObject({ kind, namespaced: true, ...(shortNames ? { shortNames } : {}) });
    expect(found?.verbs.toSorted()).toEqual([
      'create',
      'delete',
      'deletecollection',
      'get',
      'list',
      'patch',
      'update',
      'watch',
    ]);
  });

  it('lists everything in one aggregated answer', async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const { body, headers } = await contract.client.request('GET', '/api', { accept });
    expect(headers['content-type']).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    );
    expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
  });

  it.each(['/healthz', '/readyz', '/livez'])('answers ok on %s', async (path) => {
    expect((await contract.client.request('GET', path)).text).toBe('ok');
  });

  it('tells its version', async () => {
    expect(await contract.client.get('/version')).toMatchObject({
      major: '1',
      gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/),
    });
  });

  it('serves OpenAPI v3 by group version', async () => {
    const { paths } = await contract.client.get('/openapi/v3');
    const { serverRelativeURL = '' } =
      (paths as Record<string, { serverRelativeURL: string }>)['api/v1'] ?? {};
    const document = await contract.client.get(serverRelativeURL);
    expect(document['paths']).toHaveProperty(['/api/v1/namespaces/{namespace}/secrets/{name}', 'patch']);
  });
});
