import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../support/api/api-client.ts';
import type { TestCluster } from '../support/api/types.ts';
import { type Controller, startController } from '../support/processes/controller-process.ts';
import { MountedConfigMaps } from './mounted-config-maps.ts';
import {
  type Container,
  type Deployment,
  type RunningPod,
  showDeployment,
  showEndpoints,
  showPod,
} from './pod-objects.ts';

const LOOK_MS = 200;
const OURS = /\/fuin\/sealed-secrets-controller:/;

/**
 * Stands in for what a test's cluster lacks, for Deployments of our image: their controller, the scheduler,
 * kubelet and endpoints. Pods are real processes of the controller with the command line, environment and
 * service account that the Deployment says.
 */
export class StandInNode {
  readonly #cluster: TestCluster;
  readonly #client: ApiClient;
  readonly #pods = new Map<string, RunningPod[]>();
  /** All that ever ran, so that none is left. */
  readonly #processes: Controller[] = [];
  readonly #mounted: MountedConfigMaps[] = [];
  readonly #stopping = new AbortController();
  readonly #loop: Promise<void>;

  constructor(cluster: TestCluster, client: ApiClient) {
    this.#cluster = cluster;
    this.#client = client;
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await Promise.all(this.#processes.map((process) => process.kill()));
    await Promise.all(this.#mounted.map((configMaps) => configMaps.remove()));
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      // what was deleted meanwhile cannot be shown; the next look sees that it is gone
      await this.#look().catch((error: unknown) => console.warn(`stand-in node: ${error}`));
      await sleep(LOOK_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { items } = await this.#client.list('/apis/apps/v1/deployments');
    const ours = (items as Deployment[]).filter(({ spec }) =>
      OURS.test(spec.template.spec.containers[0]?.image ?? ''),
    );
    const known = new Set(ours.map(keyOf));
    for (const key of this.#pods.keys()) if (!known.has(key)) await this.#keep(key, () => false);
    for (const deployment of ours) await this.#syncSecret(deployment);
  }

  async #syncSecret(deployment: Deployment): Promise<void> {
    const { namespace } = deployment.metadata;
    const key = keyOf(deployment);
    const template = JSON.stringify(deployment.spec.template);
    const { items } = await this.#client.list(`/api/v1/namespaces/${namespace}/pods`);
    const present = new Set(items.map(({ metadata }) => metadata.uid));
    await this.#keep(key, ({ uid }) => present.has(uid));
    const pods = this.#pods.get(key) ?? [];
    await Promise.all(pods.map(({ configMaps }) => configMaps.update()));
    const fresh = pods.filter((pod) => pod.template === template);
    const missing = Array.from({ length: Math.max(0, deployment.spec.replicas - fresh.length) });
    const started = await Promise.all(missing.map(() => this.#startPod(deployment, template)));
    const chosen = [...fresh, ...started].slice(0, deployment.spec.replicas);
    this.#pods.set(key, [...new Set([...chosen, ...pods])]);
    await showEndpoints(this.#client, { deployment, pods: chosen, address: this.#cluster.podAddress });
    await this.#keep(key, (pod) => chosen.includes(pod));
    await showDeployment(this.#client, deployment);
  }

  /** Ends the Pods of a Deployment that are not to be kept. */
  async #keep(key: string, isKept: (pod: RunningPod) => boolean): Promise<void> {
    const pods = this.#pods.get(key) ?? [];
    this.#pods.set(key, pods.filter(isKept));
    const [namespace = ''] = key.split('/');
    const gone = pods.filter((pod) => !isKept(pod));
    const paths = gone.map(({ name }) => `/api/v1/namespaces/${namespace}/pods/${name}`);
    await Promise.all(paths.map((path) => this.#client.request('DELETE', path)));
    for (const { process } of gone) void process.stop(); // which takes the Pod some seconds, as in a cluster
  }

  async #startPod(deployment: Deployment, template: string): Promise<RunningPod> {
    const { namespace } = deployment.metadata;
    const { serviceAccountName, containers } = deployment.spec.template.spec;
    const name = `${deployment.metadata.name}-${randomBytes(4).toString('hex')}-${randomBytes(3).toString('hex').slice(1)}`;
    const configMaps = await MountedConfigMaps.of(this.#client, namespace, deployment.spec.template.spec);
    this.#mounted.push(configMaps);
    const process = await startController({
      cluster: this.#cluster,
      namespace,
      serviceAccount: { namespace, name: serviceAccountName },
      args: configMaps.placed(withoutAddresses(containers[0]?.args ?? [])),
      env: { ...variables(containers[0]), POD_NAME: name },
    });
    this.#processes.push(process);
    try {
      const uid = await showPod(this.#client, { deployment, name, address: this.#cluster.podAddress });
      return { name, uid, template, process, configMaps };
    } catch (error) {
      await process.kill();
      throw error;
    }
  }
}

const keyOf = ({ metadata }: Deployment) => `${metadata.namespace}/${metadata.name}`;

/** The command line, but for addresses that are taken on this machine. */
const withoutAddresses = (args: readonly string[]) =>
  args.filter((arg, index) => !/^--listen-/.test(arg) && !/^--listen-/.test(args[index - 1] ?? ''));

const variables = (container?: Container) =>
  Object.fromEntries(
    (container?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  ) as Readonly<Record<string, string>>;
