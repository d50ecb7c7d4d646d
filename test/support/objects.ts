import type { ApiAnswer, ApiClient } from './api/api-client.ts';
import { surely } from './api/surely.ts';
import type { ApiObject } from './api/types.ts';
import { freshNamespace } from './cluster/use-cluster.ts';
import { eventually } from './time/eventually.ts';

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
  readonly lastUnseal?: { readonly secretUID: string; readonly secretResourceVersion: string };
}

/** The Secrets and SealedSecrets of a cluster: what people do to them and wait for. */
export class Objects {
  readonly client: ApiClient;
  readonly #namespaces: string[] = [];

  constructor(client: ApiClient) {
    this.client = client;
  }

  /** A namespace of the test's own. */
  async namespace(): Promise<string> {
    const { name } = await freshNamespace(this.client);
    this.#namespaces.push(name);
    return name;
  }

  /** Deletes every SealedSecret in those namespaces; thousands take longer than one request may. */
  async tidy(): Promise<void> {
    for (const namespace of this.#namespaces.splice(0))
      await surely(() => this.client.delete(sealedPath(namespace)));
  }

  /** Deletes the SealedSecrets of all namespaces: files that share a server leave some, which counts hold. */
  async clear(): Promise<void> {
    const { items } = await this.client.list(`${SEALED_SECRETS}/sealedsecrets`);
    for (const { metadata } of items)
      await this.client.delete(sealedPath(metadata.namespace ?? '', metadata.name));
  }

  /** Server-side applies a Secret or a SealedSecret. */
  apply(object: ApiObject): Promise<ApiObject> {
    const { namespace = '', name = '' } = object.metadata;
    const path = object.kind === 'Secret' ? secretPath(namespace, name) : sealedPath(namespace, name);
    return this.client.patch(`${path}?fieldManager=test&force=true`, 'apply', object);
  }

  /** The SealedSecret. @throws ApiFailure where there is none */
  sealedSecret(namespace: string, name: string): Promise<ApiObject> {
    return this.client.get(sealedPath(namespace, name));
  }

  /** The SealedSecret, or undefined. */
  findSealedSecret(namespace: string, name: string): Promise<ApiObject | undefined> {
    return this.#find(sealedPath(namespace, name));
  }

  /** The Secret, or undefined. */
  secret(namespace: string, name: string): Promise<ApiObject | undefined> {
    return this.#find(secretPath(namespace, name));
  }

  /** The Secret once one of its items has the value given. */
  untilItem(namespace: string, name: string, [item, text]: readonly [string, string]): Promise<ApiObject> {
    return eventually(`item ${item} of ${namespace}/${name}`, async () => {
      const secret = await this.secret(namespace, name);
      return textsOf(secret)[item] === text ? secret : undefined;
    });
  }

  /** The status once the controller has seen the newest version, even of an object that was created again. */
  untilObserved(namespace: string, name: string): Promise<Status> {
    return eventually(`an answer to ${namespace}/${name}`, () => this.#observed(namespace, name));
  }

  /**
   * The Synced condition, which comes first, once it is about the newest version and has the given status.
   */
  untilSynced(namespace: string, name: string, status: 'True' | 'False'): Promise<Condition> {
    return eventually(`Synced=${status} of ${namespace}/${name}`, async () => {
      const [first] = (await this.#observed(namespace, name))?.conditions ?? [];
      return first?.type === 'Synced' && first.status === status ? first : undefined;
    });
  }

  /** The Secret once the SealedSecret counts as unsealed. @throws Error with the reason where it does not */
  async untilUnsealed(namespace: string, name: string): Promise<ApiObject> {
    const { conditions } = await this.untilObserved(namespace, name);
    const synced = syncedOf(conditions);
    if (synced?.status !== 'True') throw new Error(`${namespace}/${name}: ${synced?.message}`);
    return eventually(`the Secret ${namespace}/${name}`, () => this.secret(namespace, name));
  }

  /** The message of an event about an object, once there is one with this reason. */
  untilEvent(namespace: string, name: string, reason: string): Promise<string> {
    return eventually(`event ${reason} about ${namespace}/${name}`, async () => {
      const { items } = await this.client.list(`/api/v1/namespaces/${namespace}/events`);
      const event = items.find((each) => {
        const { name: about } = each['involvedObject'] as { name: string };
        return about === name && each['reason'] === reason;
      });
      return event && String(event['message']);
    });
  }

  async #observed(namespace: string, name: string): Promise<Status | undefined> {
    const object = await this.findSealedSecret(namespace, name);
    const status = statusOf(object);
    return object && status.observedGeneration === object.metadata.generation ? status : undefined;
  }

  async #find(path: string): Promise<ApiObject | undefined> {
    // connections may be reset
    const answer = await surely<ApiAnswer>(() => this.client.request('GET', path));
    return answer?.code === 200 ? answer.body : undefined;
  }
}

/** Path of one Secret, or of all of a namespace. */
export function secretPath(namespace: string, name?: string): string {
  return `/api/v1/namespaces/${namespace}/secrets${name === undefined ? '' : `/${name}`}`;
}

/** Path of one SealedSecret, or of all of a namespace. */
export function sealedPath(namespace: string, name?: string): string {
  return `${SEALED_SECRETS}/namespaces/${namespace}/sealedsecrets${name === undefined ? '' : `/${name}`}`;
}

/** Status of a SealedSecret; empty while there is none. */
export function statusOf(sealedSecret: ApiObject | undefined): Status {
  return sealedSecret?.['status'] ?? {};
}

/** The condition that both controllers write. */
export function syncedOf(conditions: readonly Condition[] = []): Condition | undefined {
  return conditions.find(({ type }) => type === 'Synced');
}

/** The texts in a Secret. */
export function textsOf(secret: ApiObject | undefined): Record<string, string> {
  const entries = Object.entries((secret?.['data'] ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([item, text]) => [item, atob(text)]));
}
