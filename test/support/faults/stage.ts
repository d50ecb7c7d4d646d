import { fileURLToPath } from 'node:url';
import { type ApiClient, apiClient } from '../api/api-client.ts';
import { applyFiles } from '../api/apply.ts';
import type { ObjectKey, TestCluster } from '../api/types.ts';
import { keySecrets, storeKey, type TestKey, testKey } from '../cluster/key-secret.ts';
import { grantDeployedRights } from '../cluster/rights.ts';
import { uniqueName } from '../cluster/use-cluster.ts';
import { type ControllerProcess, startController } from '../processes/controller-process.ts';
import { eventually } from '../time/eventually.ts';

const CRD = fileURLToPath(new URL('../../../deploy/crd.yaml', import.meta.url));

/** How the controller of a stage is set up. */
export interface StageOptions {
  readonly args?: readonly string[];
  /** False: the controller finds no key and has to make one. By default there is one, ten days old. */
  readonly hasKey?: boolean;
  /** False: the controller is started by the test. */
  readonly isStarted?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A cluster with our CRD, and the real controller in a namespace of its own, which can be killed and started again. */
export class Stage<Cluster extends TestCluster = TestCluster> {
  readonly cluster: Cluster;
  readonly client: ApiClient;
  /** Whom the controller authenticates as, in its own namespace. */
  readonly account: ObjectKey;
  readonly #key: TestKey | undefined;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  #kubeconfig: Promise<string> | undefined;
  #launch: Promise<ControllerProcess> | undefined;
  #controller: ControllerProcess | undefined;

  private constructor(
    cluster: Cluster,
    client: ApiClient,
    parts: {
      readonly account: ObjectKey;
      readonly key: TestKey | undefined;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
    },
  ) {
    this.cluster = cluster;
    this.client = client;
    this.account = parts.account;
    this.#key = parts.key;
    this.#args = parts.args;
    this.#env = parts.env;
  }

  /** Sets up the cluster, which the stage owns from now on. */
  static async on<C extends TestCluster>(cluster: C, options: StageOptions = {}): Promise<Stage<C>> {
    const client = await apiClient(cluster.adminKubeconfig);
    const account = { namespace: uniqueName('home'), name: 'controller' };
    await applyFiles(client, CRD);
    await grantDeployedRights(client, account);
    const key = options.hasKey === false ? undefined : await testKey('a', 10);
    if (key) await storeKey(client, account.namespace, { key, name: 'key-a' });
    const { args = [], env = {} } = options;
    const stage = new Stage(cluster, client, { account, key, args, env });
    if (options.isStarted !== false) await stage.start();
    return stage;
  }

  get home(): string {
    return this.account.namespace;
  }

  /** Name of the controller's user in request logs and crash points. */
  get user(): string {
    return `system:serviceaccount:${this.account.namespace}:${this.account.name}`;
  }

  get controller(): ControllerProcess {
    if (!this.#controller) throw new Error('the controller is not running');
    return this.#controller;
  }

  /** Starts the controller where it is not running; resolves when it is ready, or was killed before that. */
  async start(): Promise<void> {
    this.#launch ??= this.#startProcess();
    const launch = this.#launch;
    const controller = await launch;
    this.#controller = controller;
    await eventually('a controller that is ready', async () => {
      if (this.#launch !== launch) return true;
      const answer = await fetch(`${controller.httpUrl}/readyz`).catch(() => undefined);
      return answer?.ok || undefined;
    }).catch(async (error: Error) => {
      throw new Error(`${error.message}; its log:\n${await controller.logs()}`);
    });
  }

  /** SIGKILL, whatever it is doing; resolves when the process is gone. */
  async kill(): Promise<void> {
    const controller = await this.#launch;
    this.#launch = undefined;
    this.#controller = undefined;
    await controller?.signal('SIGKILL').catch(() => undefined);
    await controller?.kill();
  }

  async close(): Promise<void> {
    await this.kill();
    this.client.close();
    await this.cluster.stop();
  }

  /** PEM of the certificate to seal with: known beforehand, or asked from the controller that made its own key. */
  async certificate(): Promise<string> {
    return this.#key?.certificatePem ?? (await fetch(`${this.controller.httpUrl}/v1/cert.pem`)).text();
  }

  /** How many sealing keys there are. */
  async countKeys(): Promise<number> {
    return (await keySecrets(this.client, this.home)).length;
  }

  /** Starts another replica, as another Pod; the test ends it. */
  startReplica(env: Readonly<Record<string, string>>): Promise<ControllerProcess> {
    return this.#startProcess({ ...this.#env, POD_NAME: `${this.home}-replica`, ...env });
  }

  #startProcess(env = this.#env): Promise<ControllerProcess> {
    const { home: namespace, account: serviceAccount } = this;
    this.#kubeconfig ??= this.cluster.kubeconfigFor(serviceAccount); // asked once: later the server may be away
    const kubeconfig = this.#kubeconfig;
    const cluster = { ...this.cluster, kubeconfigFor: () => kubeconfig };
    const args = ['--key-size=2048', ...this.#args];
    return startController({ cluster, namespace, serviceAccount, args, env, untilReady: false });
  }
}
