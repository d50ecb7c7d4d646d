import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { startOwnKubeApiserver } from '../kube-apiserver/start.ts';
import { UPSTREAM_CHART } from '../support/tools/helm.ts';
import { World } from '../support/world.ts';
import { StandInNode } from './node.ts';
import { Session } from './session.ts';

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: object }[];
  readonly users: readonly { readonly user: object }[];
}

/**
 * A shell with an empty cluster for each context, which runs our Deployments. The first context is current.
 */
export async function openSession(contexts: readonly string[]): Promise<Session> {
  const clusters = await Promise.all(contexts.map(startCluster));
  const stop = () => Promise.all(clusters.map((cluster) => cluster.stop()));
  return Session.open(kubeconfigOf(clusters), { env: { UPSTREAM_CHART }, stop });
}

async function startCluster(context: string) {
  const options = { home: 'kube-system', key: false, hasDefinition: false } as const;
  const world = await World.on(await startOwnKubeApiserver(), options);
  const node = new StandInNode(world.cluster, world.client);
  return {
    context,
    kubeconfig: parse(await readFile(world.cluster.adminKubeconfig, 'utf8')) as Kubeconfig,
    stop: () => node.stop().then(() => world.close()),
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
