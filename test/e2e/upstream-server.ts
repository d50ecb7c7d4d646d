import type { TestProject } from 'vitest/node';
import { ownClusterKubeconfig } from '../kube-apiserver/availability.ts';
import type { ClusterAddress } from '../kube-apiserver/connected-cluster.ts';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    upstreamServer: ClusterAddress | undefined;
  }
}

/**
 * Gives the project `upstream` a kube-apiserver of its own: at each start upstream's controller opens every
 * SealedSecret there is, at 5 requests a second, so those of other suites would keep it busy for minutes. On
 * a cluster of one's own they do.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (ownClusterKubeconfig() !== undefined) {
    project.provide('upstreamServer', undefined);
    return undefined;
  }
  const { adminKubeconfig, podAddress, stop } = await startOwnKubeApiserver();
  project.provide('upstreamServer', { adminKubeconfig, podAddress });
  return stop;
}
