import { readFile } from 'node:fs/promises';
import { type Scope, sealSecret } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { afterAll, beforeAll } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { freshNamespace, uniqueName } from '../contract/contract.ts';
import { type ApiClient, type ApiObject, apiClient } from '../support/api-client.ts';
import { applyFiles, applyObject } from '../support/apply.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { type ControllerProcess, startController } from '../support/controller-process.ts';

const DEPLOY = new URL('../../deploy/', import.meta.url);
const CONTROLLER = 'sealed-secrets-controller';
const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';
const PATIENCE_MS = 20_000;

/** Only the embedded server collects garbage and misbehaves when told to: what needs that is not even a test on the real one. */
export const isEmbedded = process.env['FUIN_CLUSTER'] === 'embedded';

/** A cluster with deploy/'s CRD, and the real controller in a namespace of its own under the rights of deploy/rbac.yaml. */
export class World {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  /** The controller's own namespace. */
  readonly home: string;
  controller: ControllerProcess;
  readonly #args: readonly string[];
  #kubeconfig: string | undefined;

  private constructor(
    cluster: TestCluster,
    client: ApiClient,
    start: { home: string; args: readonly string[] },
  ) {
    this.cluster = cluster;
    this.client = client;
    this.home = start.home;
    this.#args = start.args;
    this.controller = undefined as unknown as ControllerProcess; // create() starts it before anyone sees the world
  }

  static async create(args: readonly string[] = []): Promise<World> {
    const cluster = await startCluster();
    const client = await apiClient(cluster.adminKubeconfig);
    const home = uniqueName('home');
    await applyFiles(client, new URL('crd.yaml', DEPLOY));
    await applyRights(client, home);
    const world = new World(cluster, client, { home, args: ['--key-size=2048', ...args] });
    await world.start();
    return world;
  }

  async start(...args: readonly string[]): Promise<void> {
    const { cluster, home: namespace } = this;
    this.#kubeconfig ??= await cluster.kubeconfigFor({ namespace, name: CONTROLLER });
    const kubeconfig = this.#kubeconfig;
    this.controller = await startController({
      cluster,
      namespace,
      kubeconfig,
      args: [...this.#args, ...args],
    });
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

  async close(): Promise<void> {
    await this.controller.kill();
    this.client.close();
    await this.cluster.stop();
  }

  /** A namespace of the test's own. */
  async namespace(): Promise<string> {
    return (await freshNamespace(this.client)).name;
  }

  /** Seals with the certificate that the controller serves. */
  async seal(
    metadata: ApiObject['metadata'],
    texts: Record<string, string>,
    scope?: Scope,
  ): Promise<ApiObject> {
    const pem = await (await fetch(`${this.controller.httpUrl}/v1/cert.pem`)).text();
    const { publicKey } = await parseCertificate(pem);
    const data = Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)]));
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, metadata, data };
    return structuredClone(await sealSecret(secret, publicKey, scope)) as unknown as ApiObject;
  }

  apply(sealedSecret: ApiObject): Promise<ApiObject> {
    return this.client.patch(`${pathOf(sealedSecret)}?fieldManager=test&force=true`, 'apply', sealedSecret);
  }

  sealedSecret(namespace: string, name: string): Promise<ApiObject> {
    return this.client.get(`${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/${name}`);
  }

  /** The Secret, or undefined. */
  async secret(namespace: string, name: string): Promise<ApiObject | undefined> {
    const answer = await this.client.request('GET', `/api/v1/namespaces/${namespace}/secrets/${name}`);
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

  /** The Synced condition once its status is the one given. */
  async untilSynced(namespace: string, name: string, status: 'True' | 'False'): Promise<Condition> {
    return eventually(`Synced=${status} of ${namespace}/${name}`, async () => {
      const object = await this.sealedSecret(namespace, name);
      const { observedGeneration, conditions = [] } = (object['status'] ?? {}) as Status;
      const [synced] = conditions;
      const isCurrent = observedGeneration === object.metadata.generation;
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

/** One world for the tests of a file. */
export function useWorld(...args: readonly string[]): { readonly world: World } {
  const holder = {} as { world: World };
  beforeAll(async () => {
    holder.world = await World.create(args);
  });
  afterAll(() => holder.world?.close());
  return holder;
}

/** The texts in a Secret. */
export function textsOf(secret: ApiObject | undefined): Record<string, string> {
  const entries = Object.entries((secret?.['data'] ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([item, text]) => [item, atob(text)]));
}

/** Looks again and again until there is something to see. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`waited in vain for ${what}`);
}

function pathOf({ metadata }: ApiObject): string {
  return `${SEALED_SECRETS}/namespaces/${metadata.namespace}/sealedsecrets/${metadata.name}`;
}

/** deploy/rbac.yaml with the controller in another namespace, so that several files can share one cluster. */
async function applyRights(client: ApiClient, home: string): Promise<void> {
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: home },
  });
  const text = await readFile(new URL('rbac.yaml', DEPLOY), 'utf8');
  for (const document of parseAllDocuments(text.replaceAll('kube-system', home))) {
    const object = document.toJS() as ApiObject;
    const isBinding = object.kind === 'ClusterRoleBinding';
    const name = isBinding ? `${object.metadata.name}-${home}` : String(object.metadata.name);
    await applyObject(client, { ...object, metadata: { ...object.metadata, name } });
  }
}
