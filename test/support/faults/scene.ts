import { type Scope, sealSecret } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ApiObject } from '../api/types.ts';
import { freshNamespace } from '../cluster/use-cluster.ts';
import { eventually } from '../time/eventually.ts';
import type { Stage } from './stage.ts';
import { surely } from './surely.ts';

const SEALED_SECRETS = '/apis/bitnami.com/v1alpha1';

/** What a SealedSecret is made from. */
export interface Sealing {
  readonly texts: Readonly<Record<string, string>>;
  readonly labels?: Record<string, string>;
  readonly scope?: Scope;
  /** PEM; the stage's by default. */
  readonly certificate?: string;
}

/** One namespace in which things happen, and the people who act in it. */
export class Scene {
  readonly stage: Stage;
  readonly namespace: string;

  private constructor(stage: Stage, namespace: string) {
    this.stage = stage;
    this.namespace = namespace;
  }

  static async on(stage: Stage): Promise<Scene> {
    return new Scene(stage, (await freshNamespace(stage.client)).name);
  }

  async seal(name: string, { texts, labels, scope, certificate }: Sealing): Promise<ApiObject> {
    const { recipient } = await parseCertificate(certificate ?? (await this.stage.certificate()));
    const data = Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)]));
    const metadata = { name, namespace: this.namespace, ...(labels ? { labels } : {}) };
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, metadata, data };
    return structuredClone(await sealSecret(secret, recipient, scope)) as unknown as ApiObject;
  }

  apply(object: ApiObject): Promise<ApiObject> {
    const { name = '' } = object.metadata;
    return this.stage.client.patch(`${this.#pathOf(name)}?fieldManager=test&force=true`, 'apply', object);
  }

  async sealAndApply(name: string, sealing: Sealing): Promise<void> {
    await this.apply(await this.seal(name, sealing));
  }

  sealedSecret(name: string): Promise<ApiObject | undefined> {
    return this.#find(this.#pathOf(name));
  }

  secret(name: string): Promise<ApiObject | undefined> {
    return this.#find(this.secretPath(name));
  }

  async deleteSealedSecret(name: string): Promise<void> {
    await this.stage.client.delete(this.#pathOf(name));
  }

  get secretsPath(): string {
    return `/api/v1/namespaces/${this.namespace}/secrets`;
  }

  secretPath(name: string): string {
    return `${this.secretsPath}/${name}`;
  }

  async sealedSecrets(): Promise<ApiObject[]> {
    const path = `${SEALED_SECRETS}/namespaces/${this.namespace}/sealedsecrets`;
    return (await this.stage.client.list(path)).items;
  }

  async secrets(): Promise<ApiObject[]> {
    return (await this.stage.client.list(this.secretsPath)).items;
  }

  /** Waits until the Secret holds these texts and the status says so truthfully. */
  untilInLine(name: string, texts: Sealing['texts']): Promise<true> {
    return eventually(`${this.namespace}/${name} in line with ${JSON.stringify(texts)}`, async () => {
      const [sealedSecret, secret] = [await this.sealedSecret(name), await this.secret(name)];
      const isRight = JSON.stringify(textsOf(secret)) === JSON.stringify(texts);
      return (isRight && sealedSecret && isTruthful(sealedSecret, secret)) || undefined;
    });
  }

  /** Waits until the status says why this version of the SealedSecret failed. */
  untilRefused(name: string, reason: string): Promise<true> {
    return eventually(`${this.namespace}/${name} refused: ${reason}`, async () => {
      const sealedSecret = await this.sealedSecret(name);
      const { observedGeneration, conditions } = statusOf(sealedSecret);
      const isCurrent = observedGeneration === sealedSecret?.metadata.generation;
      const isTold = conditions?.some((each) => each.type === 'Synced' && each.reason === reason);
      return (isCurrent && isTold) || undefined;
    });
  }

  untilGone(name: string): Promise<true> {
    const look = async () => (await this.secret(name)) === undefined || undefined;
    return eventually(`the end of Secret ${this.namespace}/${name}`, look);
  }

  #pathOf(name: string): string {
    return `${SEALED_SECRETS}/namespaces/${this.namespace}/sealedsecrets/${name}`;
  }

  async #find(path: string): Promise<ApiObject | undefined> {
    const answer = await surely(() => this.stage.client.request('GET', path)); // on a connection that was reset
    return answer?.code === 200 ? answer.body : undefined;
  }
}

/** The parts of a status that count here. */
export interface Status {
  readonly observedGeneration?: number;
  readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  readonly lastUnseal?: { readonly secretUID: string; readonly secretResourceVersion: string };
}

/** Status of a SealedSecret; empty while there is none. */
export function statusOf(sealedSecret: ApiObject | undefined): Status {
  return sealedSecret?.['status'] ?? {};
}

/** Whether the status says success and names the very Secret that is there. */
export function isTruthful(sealedSecret: ApiObject, secret: ApiObject | undefined): boolean {
  const { observedGeneration, conditions, lastUnseal } = statusOf(sealedSecret);
  return (
    conditions?.find(({ type }) => type === 'Synced')?.status === 'True' &&
    observedGeneration === sealedSecret.metadata.generation &&
    lastUnseal?.secretUID === secret?.metadata.uid &&
    lastUnseal?.secretResourceVersion === secret?.metadata.resourceVersion
  );
}

/** The texts in a Secret. */
export function textsOf(secret: ApiObject | undefined): Record<string, string> {
  const entries = Object.entries((secret?.['data'] ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.map(([item, text]) => [item, atob(text)]));
}
