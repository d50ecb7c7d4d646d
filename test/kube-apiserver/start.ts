import { spawnSync } from 'node:child_process';
import type { TestCluster } from '../support/cluster.ts';
import { binariesIn, buildServers, type ServerBinaries } from './build.ts';
import { type ClusterAddress, connectCluster, findPodAddress } from './connected-cluster.ts';
import { type OwnKubeApiserver, startOwnServer } from './own-server.ts';

export type { OwnKubeApiserver } from './own-server.ts';

/** Environment variable by which run-e2e.ts hands its server (a ClusterAddress as JSON) to every test file. */
export const SHARED_SERVER_VARIABLE = 'FUIN_APISERVER_STATE';

/**
 * Gives a real Kubernetes API: the one that run-e2e.ts shares, a cluster of one's own (FUIN_USE_KUBECONFIG=1 with KUBECONFIG), or
 * else a server started for this call. A shared one is not empty: use namespaces of your own.
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
export async function startOwnKubeApiserver(
  options: { readonly extraArgs?: readonly string[] } = {},
): Promise<OwnKubeApiserver> {
  return startOwnServer(await findBinaries(), options.extraArgs);
}

/** Tells why no real Kubernetes API can be had here; undefined when one can. */
export function kubeApiserverProblem(): string | undefined {
  const isGiven = process.env[SHARED_SERVER_VARIABLE] ?? ownClusterKubeconfig();
  return isGiven === undefined ? ownServerProblem() : undefined;
}

/** Tells why startOwnKubeApiserver can not work here; undefined when it can. */
export function ownServerProblem(): string | undefined {
  if (process.env['KUBEBUILDER_ASSETS'] !== undefined || spawnSync('go', ['version']).status === 0)
    return undefined;
  return 'no Go to build kube-apiserver with, no KUBEBUILDER_ASSETS, and no KUBECONFIG with FUIN_USE_KUBECONFIG=1';
}

/** The user's kubeconfig, only when they said that tests may use it. */
export function ownClusterKubeconfig(): string | undefined {
  return process.env['FUIN_USE_KUBECONFIG'] === '1' ? process.env['KUBECONFIG'] : undefined;
}

async function findBinaries(): Promise<ServerBinaries> {
  const problem = ownServerProblem();
  if (problem !== undefined) throw new Error(problem);
  const assets = process.env['KUBEBUILDER_ASSETS'];
  return assets === undefined ? buildServers() : binariesIn(assets);
}
