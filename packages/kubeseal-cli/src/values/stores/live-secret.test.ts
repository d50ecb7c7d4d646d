import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiClient } from '../../../../../test/support/api/api-client.ts';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { imported, refused } from '../../testing/imported.ts';

let world: ClusterWorld;
let kubeconfig: { files: Record<string, string> };
const inCluster = ['--kubeconfig', 'kubeconfig'];

beforeAll(async () => {
  world = await startClusterWorld();
  kubeconfig = { files: { kubeconfig: world.kubeconfig } };
  const client = await apiClient(world.cluster.adminKubeconfig);
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  });
  const secrets: [string, object, object?][] = [
    [
      'db',
      { type: 'example.com/token', data: { user: 'YW5u', bin: 'AP8=' }, immutable: true },
      {
        labels: { app: 'web', 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: {
          note: 'x',
          'meta.helm.sh/release-name': 'shop',
          'sealedsecrets.bitnami.com/cluster-wide': 'true',
          'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"user":"YW5u"}}',
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'ExternalSecret', name: 'db', uid: '1' }],
      },
    ],
    ['release', { type: 'helm.sh/release.v1', data: {} }],
    ['join', { type: 'bootstrap.kubernetes.io/token', data: {} }],
    ['key', { data: {} }, { labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' } }],
  ];
  for (const [name, fields, metadata = {}] of secrets)
    await client.create('/api/v1/namespaces/shop/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      ...fields,
      metadata: { name, namespace: 'shop', ...metadata },
    });
});
afterAll(() => world.stop());

describe('kubeseal import secret:', () => {
  it('takes over name, namespace, type and values, but nothing of the former owner', async () => {
    const { stderr, sealed, ...secret } = await imported(['secret:shop/db', ...inCluster], kubeconfig);
    expect(secret).toEqual({
      name: 'db',
      namespace: 'shop',
      type: 'example.com/token',
      labels: { app: 'web' },
      annotations: { note: 'x' },
      items: { user: 'ann', bin: '\0\xff' },
    });
    expect(sealed).toContain('immutable: true');
    expect(stderr).toContain('belongs to ExternalSecret db, which would write it again');
    expect(stderr).toContain('left out what marks its former owner: app.kubernetes.io/managed-by');
  });
  it('seals for another name and namespace', async () => {
    const { name, namespace } = await imported(['secret:shop/db', 'blue/copy', ...inCluster], kubeconfig);
    expect({ name, namespace }).toEqual({ name: 'copy', namespace: 'blue' });
  });
  it('reads the namespace of --namespace', async () => {
    expect((await imported(['secret:db', '-n', 'shop', ...inCluster], kubeconfig)).namespace).toBe('shop');
  });
  it.each([
    [
      'secret:shop/none',
      'cannot read Secret shop/none of context CONTEXT: the server answered 404 Not Found',
    ],
    [
      'secret:shop/release',
      'Secret shop/release of context CONTEXT has the type helm.sh/release.v1: Helm keeps its releases in such Secrets',
    ],
    [
      'secret:shop/join',
      'Secret shop/join of context CONTEXT has the type bootstrap.kubernetes.io/token: such a token lets nodes join the cluster',
    ],
    [
      'secret:shop/key',
      'Secret shop/key of context CONTEXT is a sealing key, which no SealedSecret may hold',
    ],
  ])('refuses %s', async (source, error) => {
    const result = await refused([source, ...inCluster], kubeconfig);
    expect({
      ...result,
      error: result.error.replace(/context \S+?(?=[: ])/, 'context CONTEXT'),
    }).toMatchObject({ code: 1, error });
  });
});
