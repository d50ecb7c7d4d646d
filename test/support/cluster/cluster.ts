import type { TestCluster } from '../api/types.ts';

/** Starts the server that FUIN_CLUSTER names: `embedded` (default) or `kube-apiserver`. */
export async function startCluster(): Promise<TestCluster> {
  if (process.env['FUIN_CLUSTER'] === 'kube-apiserver') {
    const { startKubeApiserver } = await import('../../kube-apiserver/start.ts');
    return startKubeApiserver();
  }
  const { startEmbeddedCluster } = await import('./embedded-cluster.ts');
  return startEmbeddedCluster();
}
