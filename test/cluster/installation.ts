import { join } from 'node:path';
import { inject } from 'vitest';
import { apiClient } from '../support/api/api-client.ts';
import type { ApiObject } from '../support/api/types.ts';
import { sealTexts } from '../support/cluster/sealing.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { Objects } from '../support/objects.ts';
import { eventually } from '../support/time/eventually.ts';
import { CHART, helm, type Values } from '../support/tools/helm.ts';
import { runTool, type ToolResult } from '../support/tools/run-tool.ts';
import { type Pod, readPod } from './pod.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
/** Release, Deployment, Service and Lease are called so. */
const NAME = 'sealed-secrets';
const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

/** As much of a Deployment's status as tells how far a rollout is. */
interface Rollout {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
}

/** A release of the chart on nodes, in a namespace that enforces Pod Security `restricted`. */
export class Installation extends Objects {
  readonly home: string;
  readonly kubeconfig: string;

  private constructor(parts: Pick<Installation, 'client' | 'home' | 'kubeconfig'>) {
    super(parts.client);
    this.home = parts.home;
    this.kubeconfig = parts.kubeconfig;
  }

  /** Makes the namespace; nothing is installed yet. */
  static async inNewNamespace(): Promise<Installation> {
    const { adminKubeconfig: kubeconfig } = inject('wholeCluster');
    const client = await apiClient(kubeconfig);
    const home = uniqueName('home');
    await client.create('/api/v1/namespaces', { metadata: { name: home, labels: RESTRICTED } });
    return new Installation({ client, home, kubeconfig });
  }

  /** Runs helm. @throws Error with what it says */
  async helm(args: readonly string[], values?: Values): Promise<void> {
    const given = values === undefined ? [] : ['--values', '-'];
    const { code, stderr } = await helm([...args, '--namespace', this.home, ...given], {
      stdin: JSON.stringify(values ?? {}),
      kubeconfig: this.kubeconfig,
    });
    if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}`);
  }

  /** `helm upgrade --install`, and waits until every Pod is available. */
  async install(chart = CHART, values?: Values): Promise<void> {
    await this.helm(['upgrade', '--install', NAME, chart], values);
    await this.untilRolledOut();
  }

  /** Removes the release and its namespace. */
  async close(): Promise<void> {
    await this.tidy();
    await helm(['uninstall', NAME, '--namespace', this.home], { kubeconfig: this.kubeconfig });
    await this.client.request('DELETE', `/api/v1/namespaces/${this.home}`);
    this.client.close();
  }

  /** What `kubectl rollout restart` does. */
  async restart(): Promise<void> {
    const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() };
    await this.client.patch(this.#deployment, 'merge', {
      spec: { template: { metadata: { annotations } } },
    });
  }

  /** What `kubectl rollout status` waits for; old Pods may still be on their way out. */
  untilRolledOut(): Promise<ApiObject> {
    return eventually(`the rollout of ${this.home}`, async () => {
      const deployment = await this.client.get(this.#deployment);
      const { replicas: wanted } = deployment['spec'] as { readonly replicas: number };
      const status = deployment['status'] as Rollout;
      const isDone =
        status.observedGeneration === deployment.metadata.generation &&
        [status.replicas, status.updatedReplicas, status.availableReplicas].every((n) => n === wanted);
      return isDone ? deployment : undefined;
    });
  }

  /** The Pods of the Deployment, those on their way out included. */
  async pods(): Promise<readonly Pod[]> {
    const selector = encodeURIComponent('app.kubernetes.io/name=sealed-secrets');
    const { items } = await this.client.list(
      `/api/v1/namespaces/${this.home}/pods?labelSelector=${selector}`,
    );
    return items.map(readPod);
  }

  /** The Pods, once exactly so many exist and all are ready. */
  untilReady(count: number): Promise<readonly Pod[]> {
    return eventually(`${count} ready Pods in ${this.home}`, async () => {
      const pods = await this.pods();
      return pods.length === count && pods.every(({ isReady }) => isReady) ? pods : undefined;
    });
  }

  /** Name of the Pod that leads, once there is one. */
  leader(): Promise<string> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.home}/leases/${NAME}`;
    return eventually(`a leader in ${this.home}`, async () => {
      const { code, body } = await this.client.request('GET', path);
      const { holderIdentity } = (body['spec'] ?? {}) as { readonly holderIdentity?: string };
      const names = (await this.pods()).map(({ name }) => name);
      return code === 200 ? names.find((name) => holderIdentity?.startsWith(name)) : undefined;
    });
  }

  /** Runs our kubeseal against this release. */
  kubeseal(args: readonly string[], stdin = ''): Promise<ToolResult> {
    const where = [`--controller-namespace=${this.home}`, `--controller-name=${NAME}`];
    const { PATH, TMPDIR } = process.env;
    return runTool([process.execPath, KUBESEAL, ...where, ...args], {
      stdin,
      env: { PATH, TMPDIR, HOME: TMPDIR, KUBECONFIG: this.kubeconfig },
    });
  }

  /** The certificate, by way of API server, Service and Pod. @throws Error with what kubeseal says */
  async fetchCert(): Promise<string> {
    const { code, stdout, stderr } = await this.kubeseal(['--fetch-cert']);
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }

  /** Seals a text for the certificate, applies it, and gives the Secret that comes of it. */
  async openedAs(namespace: string, name: string, text: string): Promise<ApiObject> {
    await this.apply(await sealTexts(await this.fetchCert(), { namespace, name }, { item: text }));
    return this.untilItem(namespace, name, ['item', text]);
  }

  get #deployment(): string {
    return `/apis/apps/v1/namespaces/${this.home}/deployments/${NAME}`;
  }
}
