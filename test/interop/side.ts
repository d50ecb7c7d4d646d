import type { ApiClient } from '../support/api/api-client.ts';
import type { TestCluster } from '../support/api/types.ts';
import { grantDeployedRights, grantUpstreamRights } from '../support/cluster/rights.ts';
import { type ControllerProcess, startController } from '../support/processes/controller-process.ts';
import { startUpstreamController } from '../support/processes/peer-controller.ts';

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
  await grantUpstreamRights(options.client, { namespace: options.home, name: UPSTREAM_ACCOUNT });
  return runOurs(options, UPSTREAM_ACCOUNT);
}

async function runOurs(options: SideOptions, account: string): Promise<Side> {
  const { cluster, home } = options;
  const serviceAccount = { namespace: home, name: account };
  const controller = await startController({
    cluster,
    namespace: home,
    serviceAccount,
    args: argumentsOf(options),
  });
  return exposed('ours', options, controller);
}

/** Starts upstream's controller under the rights of its chart, behind its Service. */
export async function startUpstream(options: SideOptions): Promise<Side> {
  const serviceAccount = { namespace: options.home, name: UPSTREAM_ACCOUNT };
  await grantUpstreamRights(options.client, serviceAccount);
  const { cluster } = options;
  const controller = await startUpstreamController({ cluster, serviceAccount, args: argumentsOf(options) });
  return exposed('upstream', options, controller);
}

function argumentsOf({ watched, args = [] }: SideOptions): readonly string[] {
  return [`--additional-namespaces=${watched.join(',')}`, ...args];
}

async function exposed(
  name: Side['name'],
  { cluster, home }: SideOptions,
  { httpUrl: url, metricsUrl, logs, signal, stop }: ControllerProcess,
): Promise<Side> {
  await cluster.exposeService({ namespace: home, name: SERVICE, port: Number(new URL(url).port) });
  const end = async () => {
    const code = await stop();
    if (code !== 0) throw new Error(`the controller (${name}) ended with code ${code}`);
  };
  return { name, home, url, metricsUrl, logs, signal, stop: end };
}
