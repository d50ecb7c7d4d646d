import { ApiClient as SetupClient } from '../kube-apiserver/api-client.ts';
import { readKubeconfig } from '../kube-apiserver/kubeconfig.ts';
import { grantUpstreamRights } from '../kube-apiserver/upstream-rbac.ts';
import type { ApiClient } from '../support/api-client.ts';
import type { TestCluster } from '../support/cluster.ts';
import { startController } from '../support/controller-process.ts';
import { startUpstreamController } from '../support/peer.ts';
import { grantDeployedRights } from './rights.ts';

/** A running controller, ours or upstream's, seen as one sees it through the cluster. */
export interface Side {
  readonly name: 'ours' | 'upstream';
  /** Its own namespace, where its keys are and its Service. */
  readonly home: string;
  /** Base URL of its HTTP server, without a trailing slash. */
  readonly url: string;
  /** Base URL of its metrics server. */
  readonly metricsUrl: string;
  logs(): Promise<string>;
  signal(signal: NodeJS.Signals): Promise<void>;
  stop(): Promise<void>;
}

/** Where and how a controller starts. */
export interface SideOptions {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  readonly home: string;
  /** Namespaces it works in beside its own. */
  readonly watched: readonly string[];
  readonly args?: readonly string[];
}

/** The Service's name, kubeseal's default. */
const SERVICE = 'sealed-secrets-controller';
const OUR_ACCOUNT = 'sealed-secrets-controller';
const UPSTREAM_ACCOUNT = 'upstream-controller';

/** Starts our controller under the rights of deploy/rbac.yaml, behind its Service. */
export async function startOurs(options: SideOptions): Promise<Side> {
  await grantDeployedRights(options.client, { namespace: options.home, name: OUR_ACCOUNT });
  return runOurs(options, OUR_ACCOUNT);
}

/** Starts our controller under the rights of upstream's chart: what a swap of the image alone gives it. */
export async function startOursWithUpstreamRights(options: SideOptions): Promise<Side> {
  await grantChartRights(options);
  return runOurs(options, UPSTREAM_ACCOUNT);
}

async function runOurs({ cluster, home, watched, args = [] }: SideOptions, account: string): Promise<Side> {
  const controller = await startController({
    cluster,
    namespace: home,
    serviceAccount: { namespace: home, name: account },
    args: [`--additional-namespaces=${watched.join(',')}`, ...args],
  });
  const { httpUrl, metricsUrl, logs, signal, stop } = controller;
  await cluster.exposeService({ namespace: home, name: SERVICE, port: Number(new URL(httpUrl).port) });
  return {
    name: 'ours',
    home,
    url: httpUrl,
    metricsUrl,
    logs,
    signal,
    stop: async () => {
      const code = await stop();
      if (code !== 0) throw new Error(`our controller ended with code ${code}`);
    },
  };
}

/** Upstream's controller can not be asked for its ports, so they are fixed. */
let nextPort = 18_200;

/** Starts upstream's controller under the rights of its chart, behind its Service. */
export async function startUpstream(options: SideOptions): Promise<Side> {
  const { cluster, home, watched, args = [] } = options;
  await grantChartRights(options);
  const [port, metricsPort] = [nextPort++, nextPort++];
  const controller = await startUpstreamController({
    cluster,
    serviceAccount: { namespace: home, name: UPSTREAM_ACCOUNT },
    port,
    metricsPort,
    args: [`--additional-namespaces=${watched.join(',')}`, ...args],
  });
  await cluster.exposeService({ namespace: home, name: SERVICE, port });
  const signal = () =>
    Promise.reject(new Error("upstream's controller runs where no signal of ours gets to"));
  const metricsUrl = `http://${cluster.podAddress}:${metricsPort}`;
  return { name: 'upstream', home, metricsUrl, ...controller, signal };
}

async function grantChartRights({ cluster, home, client }: SideOptions): Promise<void> {
  const setup = new SetupClient(await readKubeconfig(cluster.adminKubeconfig));
  try {
    await cluster.kubeconfigFor({ namespace: home, name: UPSTREAM_ACCOUNT });
    await grantUpstreamRights(setup, { namespace: home, name: UPSTREAM_ACCOUNT });
  } finally {
    setup.close();
  }
  await grantNamespaceLookup(client, home);
}

/** --additional-namespaces needs it; upstream's chart grants it where that flag is set. */
async function grantNamespaceLookup(client: ApiClient, home: string): Promise<void> {
  const path = '/apis/rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  const name = `${home}-namespaces`;
  const options = '?fieldManager=fuin&force=true';
  await client.patch(`${path}/clusterroles/${name}${options}`, 'apply', {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRole',
    metadata: { name },
    rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }],
  });
  await client.patch(`${path}/clusterrolebindings/${name}${options}`, 'apply', {
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: UPSTREAM_ACCOUNT, namespace: home }],
  });
}
