import { spawnSync } from 'node:child_process';

/**
 * Environment variable by which run-e2e.ts hands its server (a ClusterAddress as JSON) to every test file.
 */
export const SHARED_SERVER_VARIABLE = 'FUIN_APISERVER_STATE';

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
