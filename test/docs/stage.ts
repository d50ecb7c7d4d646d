import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { apiClient } from '../support/api/api-client.ts';
import { UPSTREAM_CHART } from '../support/tools/helm.ts';
import { StandInNode } from './node.ts';
import { Session } from './session.ts';

/** Where a page is played: empty clusters that run our Deployments, and a shell. */
export interface Stage {
  readonly session: Session;
  close(): Promise<void>;
}

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: object }[];
  readonly users: readonly { readonly user: object }[];
}

/** Starts a cluster for each context; the first is the current one. */
export async function openStage(contexts: readonly string[]): Promise<Stage> {
  const clusters = await Promise.all(contexts.map(startCluster));
  const session = await Session.open(kubeconfigOf(clusters), { UPSTREAM_CHART });
  return {
    session,
    close: async () => {
      await Promise.all(clusters.map(({ stop }) => stop()));
      await session.close();
    },
  };
}

async function startCluster(context: string) {
  const cluster = await startOwnKubeApiserver();
  const client = await apiClient(cluster.adminKubeconfig);
  const node = new StandInNode(cluster, client);
  return {
    context,
    kubeconfig: parse(await readFile(cluster.adminKubeconfig, 'utf8')) as Kubeconfig,
    stop: async () => {
      await node.stop();
      client.close();
      await cluster.stop();
    },
  };
}

function kubeconfigOf(clusters: readonly { context: string; kubeconfig: Kubeconfig }[]): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': clusters[0]?.context,
    clusters: clusters.map(({ context, kubeconfig }) => ({ ...kubeconfig.clusters[0], name: context })),
    users: clusters.map(({ context, kubeconfig }) => ({ ...kubeconfig.users[0], name: context })),
    contexts: clusters.map(({ context }) => ({
      name: context,
      context: { cluster: context, user: context },
    })),
  });
}
