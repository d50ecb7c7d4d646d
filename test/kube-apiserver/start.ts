import type { TestCluster } from '../support/api/types.ts';
import { ownClusterKubeconfig, ownServerProblem, SHARED_SERVER_VARIABLE } from './availability.ts';
import { binariesIn, buildServers, type ServerBinaries } from './build.ts';
import { type ClusterAddress, connectCluster, findPodAddress } from './connected-cluster.ts';
import { type OwnKubeApiserver, type OwnServerOptions, startOwnServer } from './own-server.ts';

export type { OwnKubeApiserver } from './own-server.ts';

/**
 * Gives a real Kubernetes API: the one that run-e2e.ts shares, a cluster of one's own (FUIN_USE_KUBECONFIG=1
 * with KUBECONFIG), or else a server started for this call. A shared one is not empty: use namespaces of your
 * own.
 */
export async function startKubeApiserver(): Promise<TestCluster> {
  const shared = process.env[SHARED_SERVER_VARIABLE];
  if (shared !== undefined) {
    const address: ClusterAddress = JSON.parse(shared);
    return connectCluster(address);
  }
  const adminKubeconfig = ownClusterKubeconfig();
  if (adminKubeconfig !== undefined) return connectCluster({ adminKubeconfig, podAddress: findPodAddress() });
  return startOwnKubeApiserver();
}

/** Starts a server that belongs to the caller alone, for tests that restart it or need flags of their own. */
export async function startOwnKubeApiserver(options: OwnServerOptions = {}): Promise<OwnKubeApiserver> {
  return startOwnServer(await findBinaries(), options);
}

async function findBinaries(): Promise<ServerBinaries> {
  const problem = ownServerProblem();
  if (problem !== undefined) throw new Error(problem);
  const assets = process.env['KUBEBUILDER_ASSETS'];
  return assets === undefined ? buildServers() : binariesIn(assets);
}
