import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import type { ApiObject, TestCluster } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { eventually } from '../support/time/eventually.ts';
import type { Side, SideOptions } from './side.ts';

const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';

/** Condition of a SealedSecret, as far as both controllers write it. */
export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** Status of a SealedSecret. */
export interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly Condition[];
  readonly lastUnseal?: Record<string, unknown>;
}

/** A cluster with deploy/'s CRD, and the controllers that a test starts in it. */
export class Stage {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  readonly #running = new Set<Side>();

  private constructor(cluster: TestCluster, client: ApiClient) {
    this.cluster = cluster;
    this.client = client;
  }

  static async open(): Promise<Stage> {
    const cluster = await startCluster();
    const client = await apiClient(cluster.adminKubeconfig);
    await applySealedSecretCrd(client);
    return new Stage(cluster, client);
  }

  async namespace(prefix: string): Promise<string> {
    const name = uniqueName(prefix);
    await this.client.create('/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
    return name;
  }

  /** Starts a controller that ends with the stage at the latest. */
  async start(
    start: (options: SideOptions) => Promise<Side>,
    options: Pick<SideOptions, 'home' | 'watched' | 'args'>,
  ): Promise<Side> {
    const side = await start({ cluster: this.cluster, client: this.client, ...options });
    const tracked: Side = {
      ...side,
      stop: async () => {
        this.#running.delete(tracked);
        await side.stop();
      },
    };
    this.#running.add(tracked);
    return tracked;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((side) => side.stop()));
    this.client.close();
    await this.cluster.stop();
  }

  /** Server-side applies a Secret or a SealedSecret. */
  apply(object: ApiObject): Promise<ApiObject> {
    const { namespace = '', name = '' } = object.metadata;
    const path = object.kind === 'Secret' ? secretPath(namespace, name) : sealedPath(namespace, name);
    return this.client.patch(`${path}?fieldManager=test&force=true`, 'apply', object);
  }

  sealedSecret(namespace: string, name: string): Promise<ApiObject> {
    return this.client.get(sealedPath(namespace, name));
  }

  /** The Secret, or undefined where there is none. */
  async secret(namespace: string, name: string): Promise<ApiObject | undefined> {
    const answer = await this.client.request('GET', secretPath(namespace, name));
    return answer.code === 200 ? answer.body : undefined;
  }

  /** The status once some controller has seen the newest version of the object. */
  untilObserved(namespace: string, name: string): Promise<Status> {
    return eventually(`an answer to ${namespace}/${name}`, async () => {
      const object = await this.sealedSecret(namespace, name);
      const status = object['status'] as Status | undefined;
      return status?.observedGeneration === object.metadata.generation ? status : undefined;
    });
  }

  /** The Secret once the SealedSecret counts as unsealed. */
  async untilUnsealed(namespace: string, name: string): Promise<ApiObject> {
    const { conditions } = await this.untilObserved(namespace, name);
    const synced = syncedOf(conditions);
    if (synced?.status !== 'True') throw new Error(`${namespace}/${name}: ${synced?.message}`);
    return eventually(`the Secret ${namespace}/${name}`, () => this.secret(namespace, name));
  }
}

/** The condition that both controllers write. */
export function syncedOf(conditions: readonly Condition[] = []): Condition | undefined {
  return conditions.find(({ type }) => type === 'Synced');
}

/** Path of one Secret. */
export function secretPath(namespace: string, name: string): string {
  return `/api/v1/namespaces/${namespace}/secrets/${name}`;
}

/** Path of one SealedSecret. */
export function sealedPath(namespace: string, name: string): string {
  return `${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets/${name}`;
}
