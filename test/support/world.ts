import { type Scope, sealSecret } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { afterAll, afterEach, beforeAll, inject } from 'vitest';
import { connectCluster } from '../kube-apiserver/connected-cluster.ts';
import { type ApiClient, apiClient } from './api/api-client.ts';
import type { ApiObject, TestCluster } from './api/types.ts';
import { startCluster } from './cluster/cluster.ts';
import { grantDeployedRights, grantUpstreamRights } from './cluster/rights.ts';
import { applySealedSecretCrd } from './cluster/sealed-secret-crd.ts';
import { freshNamespace, uniqueName } from './cluster/use-cluster.ts';
import { type ControllerProcess, startController } from './processes/controller-process.ts';
import { startUpstreamController } from './processes/peer-controller.ts';
import { PATIENCE_MS } from './time/patience.ts';

const CONTROLLER = 'sealed-secrets-controller';
const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';
/** How long `eventually` looks in a test that is to fail: it waits for what never comes, and must end in time. */
const SHORT_PATIENCE_MS = 2_000;
const LIMIT_MS = 10_000;
let patienceMs = PATIENCE_MS;

/** Only the embedded server collects garbage and misbehaves when told to: what needs that is not even a test on the real one. */
export const isEmbedded = process.env['FUIN_CLUSTER'] === 'embedded';

/** The suite runs with upstream's controller in place of ours: `it.ts` and `upstream-differences.ts` say what that changes. */
export const isUpstream = process.env['FUIN_CONTROLLER'] === 'upstream';

/**
 * A cluster with deploy/'s CRD, and the real controller in a namespace of its own under the rights of deploy/rbac.yaml; or
 * upstream's controller, under the rights of its chart.
 */
export class World {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  /** The controller's own namespace. */
  readonly home: string;
  controller: ControllerProcess;
  readonly args: readonly string[];
  readonly #namespaces: string[];
  #kubeconfig: string | undefined;

  private constructor(
    cluster: TestCluster,
    client: ApiClient,
    start: { home: string; args: readonly string[] },
  ) {
    this.cluster = cluster;
    this.client = client;
    this.home = start.home;
    this.args = start.args;
    this.#namespaces = [start.home];
    this.controller = undefined as unknown as ControllerProcess; // create() starts it before anyone sees the world
  }

  static async create(args: readonly string[] = []): Promise<World> {
    const server = isUpstream ? inject('upstreamServer') : undefined;
    const cluster = await (server ? connectCluster(server) : startCluster());
    const client = await apiClient(cluster.adminKubeconfig);
    const home = uniqueName('home');
    const account = { namespace: home, name: CONTROLLER };
    await applySealedSecretCrd(client);
    await (isUpstream ? grantUpstreamRights(client, account) : grantDeployedRights(client, account));
    const world = new World(cluster, client, { home, args });
    await world.start();
    return world;
  }

  async start(...args: readonly string[]): Promise<void> {
    const { cluster, home: namespace } = this;
    const serviceAccount = { namespace, name: CONTROLLER };
    const allArgs = ['--key-size=2048', ...this.args, ...args];
    if (isUpstream) {
      this.controller = await startUpstreamController({ cluster, serviceAccount, args: allArgs });
    } else {
      this.#kubeconfig ??= await cluster.kubeconfigFor(serviceAccount);
      const kubeconfig = this.#kubeconfig;
      this.controller = await startController({ cluster, namespace, kubeconfig, args: allArgs });
    }
  }

  /** Ends the controller and starts it with other flags. */
  async restart(...args: readonly string[]): Promise<void> {
    await this.controller.kill();
    await this.start(...args);
  }

  /** The key Secrets, oldest first. */
  async keySecrets(): Promise<ApiObject[]> {
    const selector = 'labelSelector=sealedsecrets.bitnami.com/sealed-secrets-key=active';
    const { items } = await this.client.list(`/api/v1/namespaces/${this.home}/secrets?${selector}`);
    const at = ({ metadata }: ApiObject) => Date.parse(metadata.creationTimestamp ?? '');
    return items.sort((a, b) => at(a) - at(b));
  }

  /** The certificate that is served now. */
  async certificate(): Promise<string> {
    return (await fetch(`${this.controller.httpUrl}/v1/cert.pem`)).text();
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.controller.metricsUrl}/metrics`)).text();
  }

  /** Deletes every SealedSecret, so that no later start of upstream's controller spends its 5 requests a second on them. */
  async tidy(): Promise<void> {
    for (const namespace of this.#namespaces.splice(1).concat(this.home))
      await this.client.delete(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets`);
  }

  async close(): Promise<void> {
    await this.controller.kill();
    if (isUpstream) await this.tidy();
    this.client.close();
    await this.cluster.stop();
  }

  /** A namespace of the test's own. */
  async namespace(): Promise<string> {
    const { name } = await freshNamespace(this.client);
    this.#namespaces.push(name);
    return name;
  }

  /** Seals with the certificate that the controller serves. */
  async seal(
    metadata: ApiObject['metadata'],
    texts: Record<string, string>,
    scope?: Scope,
  ): Promise<ApiObject> {
    const pem = await (await fetch(`${this.controller.httpUrl}/v1/cert.pem`)).text();
    const { recipient } = await parseCertificate(pem);
    const data = Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)]));
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, metadata, data };
    return structuredClone(await sealSecret(secret, recipient, scope)) as unknown as ApiObject;
  }

  apply(sealedSecret: ApiObject): Promise<ApiObject> {
    return this.client.patch(`${pathOf(sealedSecret)}?fieldManager=test&force=true`, 'apply', sealedSecret);
  }

  sealedSecret(namespace: string, name: string): Promise<ApiObject> {
    return this.client.get(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/${name}`);
  }

  /** The Secret, or undefined. */
  secret(namespace: string, name: string): Promise<ApiObject | undefined> {
    return this.#find(`/api/v1/namespaces/${namespace}/secrets/${name}`);
  }

  async #find(path: string): Promise<ApiObject | undefined> {
    const answer = await this.client.request('GET', path);
    return answer.code === 200 ? answer.body : undefined;
  }

  /** Data of the Secret as text once it has the value given. */
  async untilItem(
    namespace: string,
    name: string,
    [item, text]: readonly [string, string],
  ): Promise<ApiObject> {
    return eventually(`item ${item} of ${namespace}/${name}`, async () => {
      const secret = await this.secret(namespace, name);
      return textsOf(secret)[item] === text ? secret : undefined;
    });
  }

  /** The Synced condition once its status is the one given; the object may be deleted and created again meanwhile. */
  async untilSynced(namespace: string, name: string, status: 'True' | 'False'): Promise<Condition> {
    return eventually(`Synced=${status} of ${namespace}/${name}`, async () => {
      const object = await this.#find(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/${name}`);
      const { observedGeneration, conditions = [] } = (object?.['status'] ?? {}) as Status;
      const [synced] = conditions;
      const isCurrent = observedGeneration === object?.metadata.generation;
      return isCurrent && synced?.type === 'Synced' && synced.status === status ? synced : undefined;
    });
  }

  /** Reasons and messages of the events about an object, once there are some. */
  async untilEvent(namespace: string, name: string, reason: string): Promise<string> {
    return eventually(`event ${reason} about ${namespace}/${name}`, async () => {
      const { items } = await this.client.list(`/api/v1/namespaces/${namespace}/events`);
      const event = items.find((each) => {
        const { name: about } = each['involvedObject'] as { name: string };
        return about === name && each['reason'] === reason;
      });
      return event && String(event['message']);
    });
  }
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
}

/** The world of the file under test. */
const holder = {} as { world: World };

/** One world for the tests of a file. */
export function useWorld(...args: readonly string[]): { readonly world: World } {
  beforeAll(async () => {
    holder.world = await World.create(args);
  });
  if (isUpstream) afterEach(() => holder.world.tidy());
  afterAll(() => holder.world?.close());
  return holder;
}

/**
 * Runs a test that is to fail: it waits for little, and as it stops anywhere, later tests get another world.
 * @throws as it does; `no answer` after 10 seconds
 */
export async function runToFailure(test: () => unknown): Promise<void> {
  patienceMs = SHORT_PATIENCE_MS;
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(new Error('no answer')), LIMIT_MS);
  try {
    await Promise.race([test(), limit.promise]);
  } finally {
    clearTimeout(timer);
    patienceMs = PATIENCE_MS;
    const { args } = holder.world;
    await holder.world.close();
    holder.world = await World.create(args);
  }
}

/** The texts in a Secret. */
export function textsOf(secret: ApiObject | undefined): Record<string, string> {
  const entries = Object.entries((secret?.['data'] ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([item, text]) => [item, atob(text)]));
}

/** Looks again and again until there is something to see. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}

function pathOf({ metadata }: ApiObject): string {
  return `${SEALED_SECRETS}/namespaces/${metadata.namespace}/sealedsecrets/${metadata.name}`;
}
