// Over 200 lines: a world is set up, started, stopped and ended in one place.
import type { ObjectMeta, Scope } from '@fuin/crypto-core';
import { apiClient } from './api/api-client.ts';
import { ensureNamespace } from './api/apply.ts';
import type { ApiObject, ObjectKey, TestCluster } from './api/types.ts';
import { keySecrets, storeKey, type TestKey, testKey } from './cluster/key-secret.ts';
import { grantDeployedRights, grantUpstreamRights } from './cluster/rights.ts';
import { applySealedSecretCrd } from './cluster/sealed-secret-crd.ts';
import { seal } from './cluster/sealing.ts';
import { uniqueName } from './cluster/use-cluster.ts';
import { Objects, sealedPath } from './objects.ts';
import { type Controller, startController, untilReady } from './processes/controller-process.ts';
import { startUpstreamController } from './processes/peer-controller.ts';

export type Who = 'ours' | 'upstream';

/** How the controller of a world is set up. */
export interface WorldOptions {
  /** Whose controller; ours by default. */
  readonly by?: Who;
  /** Under which rights it works: those of deploy/ (ours) or of upstream's chart; by default its own. */
  readonly rights?: Who;
  /** Its own namespace; a new one by default. */
  readonly home?: string;
  /** The key that it finds; by default one that is ten days old. `false`: it finds none and makes one. */
  readonly key?: TestKey | false;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What to run instead of our source or of the installed upstream. */
  readonly program?: string;
  /** False: the cluster does not have deploy/'s CRD. */
  readonly hasDefinition?: boolean;
  /** Stands behind a Service, where kubeseal looks for it. */
  readonly isExposed?: boolean;
}

/** The Service's name, kubeseal's default. */
const SERVICE = 'sealed-secrets-controller';
const ACCOUNTS: Readonly<Record<Who, string>> = {
  ours: 'sealed-secrets-controller',
  upstream: 'upstream-controller',
};

/**
 * A cluster with deploy/'s CRD and a real controller in a namespace of its own, which tests can stop and
 * start.
 */
export class World<Cluster extends TestCluster = TestCluster> extends Objects {
  readonly cluster: Cluster;
  /** The controller's own namespace. */
  readonly home: string;
  /** The key that the controller found. */
  readonly key: TestKey | undefined;
  readonly #options: WorldOptions;
  readonly #beside: World[] = [];
  #kubeconfig: Promise<string> | undefined;
  #launch: Promise<Controller> | undefined;
  #controller: Controller | undefined;

  private constructor(
    cluster: Cluster,
    options: WorldOptions,
    parts: Pick<World, 'client' | 'home' | 'key'>,
  ) {
    super(parts.client);
    this.cluster = cluster;
    this.home = parts.home;
    this.key = parts.key;
    this.#options = options;
  }

  /** Sets up a cluster, which the world owns from now on; the controller does not run yet. */
  static async on<C extends TestCluster>(cluster: C, options: WorldOptions = {}): Promise<World<C>> {
    const client = await apiClient(cluster.adminKubeconfig);
    if (options.hasDefinition !== false) await applySealedSecretCrd(client);
    return World.#open(cluster, client, options);
  }

  /** Sets up a cluster and starts its controller. */
  static async running<C extends TestCluster>(cluster: C, options: WorldOptions = {}): Promise<World<C>> {
    const world = await World.on(cluster, options);
    await world.start();
    return world;
  }

  static async #open<C extends TestCluster>(
    cluster: C,
    client: Objects['client'],
    options: WorldOptions,
  ): Promise<World<C>> {
    const { home = uniqueName('home'), key = await testKey('a', 10) } = options;
    await ensureNamespace(client, home);
    if (key) await storeKey(client, home, { key, name: 'key-a' });
    return new World(cluster, options, { client, home, key: key || undefined });
  }

  /**
   * A world with another controller on the same cluster, by default with the same key; it ends with this one.
   */
  async beside(options: WorldOptions): Promise<World<Cluster>> {
    const world = await World.#open(this.cluster, this.client, { key: this.key ?? false, ...options });
    this.#beside.push(world);
    return world;
  }

  /** Whom the controller authenticates as. */
  get account(): ObjectKey {
    const { by = 'ours', rights = by } = this.#options;
    return { namespace: this.home, name: ACCOUNTS[rights] };
  }

  /** Name of the controller's user in request logs and crash points. */
  get user(): string {
    return `system:serviceaccount:${this.home}:${this.account.name}`;
  }

  get isUpstream(): boolean {
    return this.#options.by === 'upstream';
  }

  get controller(): Controller {
    if (!this.#controller) throw new Error('the controller is not running');
    return this.#controller;
  }

  /** Starts the controller where it is not running; resolves when it is ready, or was killed before that. */
  async start(...args: readonly string[]): Promise<void> {
    const launch = this.#launched(args);
    const controller = await launch;
    if (!this.isUpstream)
      await untilReady(controller).catch((error: unknown) => {
        if (this.#launch === launch) throw error;
      });
  }

  /** Starts the controller where it is not running; resolves as soon as it listens. */
  async listen(...args: readonly string[]): Promise<Controller> {
    return this.#launched(args);
  }

  /** SIGTERM. @throws Error when it does not end with code 0 */
  async stop(): Promise<void> {
    const code = await this.controller.stop();
    this.#forget();
    if (code !== 0) throw new Error(`the controller in ${this.home} ended with code ${code}`);
  }

  /** SIGKILL, whatever it is doing; resolves when the process is gone. */
  async kill(): Promise<void> {
    const controller = await this.#launch?.catch(() => undefined);
    this.#forget();
    await controller?.signal('SIGKILL').catch(() => undefined);
    await controller?.kill();
  }

  /** Kills the controller and starts it with other flags. */
  async restart(...args: readonly string[]): Promise<void> {
    await this.kill();
    await this.start(...args);
  }

  /**
   * Starts another replica of our controller, as another Pod, and waits until it listens; the test ends it.
   */
  async startReplica(env: Readonly<Record<string, string>>): Promise<Controller> {
    return this.#startProcess([], { ...this.#options.env, POD_NAME: `${this.home}-replica`, ...env });
  }

  /** Grants the rights and logs in, once: what the first start waits for. */
  prepare(): Promise<string> {
    this.#kubeconfig ??= this.#grant().then(() => this.cluster.kubeconfigFor(this.account));
    return this.#kubeconfig;
  }

  /** Stops every controller, each of which must end with code 0, and then everything else. */
  async end(): Promise<void> {
    for (const world of [this, ...this.#beside]) if (world.#controller) await world.stop();
    await this.close();
  }

  /** Kills every controller and stops the cluster. */
  async close(): Promise<void> {
    for (const world of [this, ...this.#beside]) await world.kill();
    this.client.close();
    await this.cluster.stop();
  }

  /**
   * Deletes every SealedSecret, so that no later start of upstream's controller spends its requests on them.
   */
  override async tidy(): Promise<void> {
    await super.tidy();
    await this.client.delete(sealedPath(this.home));
  }

  /** The key Secrets, oldest first. */
  async keySecrets(): Promise<ApiObject[]> {
    const at = ({ metadata }: ApiObject) => Date.parse(metadata.creationTimestamp ?? '');
    return (await keySecrets(this.client, this.home)).sort((a, b) => at(a) - at(b));
  }

  /** PEM of the certificate to seal with: of the key that the controller found, or what it serves. */
  async certificate(): Promise<string> {
    return this.key?.certificatePem ?? this.served();
  }

  /** PEM of the certificate that is served now. */
  async served(): Promise<string> {
    return (await fetch(`${this.controller.url}/v1/cert.pem`)).text();
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.controller.metricsUrl}/metrics`)).text();
  }

  /** Seals with `certificate()`. */
  async seal(
    metadata: ObjectMeta,
    texts: Readonly<Record<string, string>>,
    scope?: Scope,
  ): Promise<ApiObject> {
    const data = Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)]));
    return seal(await this.certificate(), { apiVersion: 'v1', kind: 'Secret', metadata, data }, scope);
  }

  #forget(): void {
    this.#launch = undefined;
    this.#controller = undefined;
  }

  #launched(args: readonly string[]): Promise<Controller> {
    if (this.#controller?.isRunning() === false) this.#forget();
    if (this.#launch !== undefined) return this.#launch;
    const launch = this.#startExposed(args);
    this.#launch = launch;
    launch.catch(() => {
      if (this.#launch === launch) this.#forget();
    });
    return launch;
  }

  async #startExposed(args: readonly string[]): Promise<Controller> {
    const controller = await this.#startProcess(args, this.#options.env);
    this.#controller = controller;
    const port = Number(new URL(controller.url).port);
    if (this.#options.isExposed)
      await this.cluster.exposeService({ namespace: this.home, name: SERVICE, port });
    return controller;
  }

  async #startProcess(more: readonly string[], env: WorldOptions['env'] = {}): Promise<Controller> {
    const { cluster, home: namespace } = this;
    const { args = [], program } = this.#options;
    const options = {
      ...{ cluster, kubeconfig: await this.prepare(), args: ['--key-size=2048', ...args, ...more] },
      ...(program === undefined ? {} : { program }),
    };
    return this.isUpstream
      ? startUpstreamController({ ...options, namespace })
      : startController({ ...options, namespace, env, untilReady: false });
  }

  #grant(): Promise<void> {
    const { by = 'ours', rights = by } = this.#options;
    const grant = rights === 'ours' ? grantDeployedRights : grantUpstreamRights;
    return grant(this.client, this.account);
  }
}
