import type { TestProject } from 'vitest/node';
import type { ClusterAddress } from '../kube-apiserver/connected-cluster.ts';
import { startNodeCluster } from '../support/node/node-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    wholeCluster: ClusterAddress;
  }
}

/** Gives the project `node` a cluster with nodes, shared by its files. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { adminKubeconfig, podAddress, stop } = await startNodeCluster();
  project.provide('wholeCluster', { adminKubeconfig, podAddress });
  return stop;
}
