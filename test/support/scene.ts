import type { ObjectMeta, Scope } from '@fuin/crypto-core';
import type { ApiClient } from './api/api-client.ts';
import type { ApiObject, TestCluster } from './api/types.ts';
import { seal } from './cluster/sealing.ts';
import { sealedPath, secretPath, statusOf, textsOf } from './objects.ts';
import { eventually } from './time/eventually.ts';
import type { World } from './world.ts';

type Texts = Readonly<Record<string, string>>;

/** How a SealedSecret is sealed. */
export interface Sealing {
  readonly scope?: Scope;
  /** PEM of the certificate; the world's by default. */
  readonly certificate?: string;
}

/** One SealedSecret and its Secret: what people do to them under the controller of a world, and wait for. */
export class Scene<Cluster extends TestCluster = TestCluster> {
  readonly world: World<Cluster>;
  readonly namespace: string;
  readonly name: string;

  constructor(world: World<Cluster>, namespace: string, name = 'db') {
    this.world = world;
    this.namespace = namespace;
    this.name = name;
  }

  /** A scene in a new namespace. */
  static async of<C extends TestCluster>(world: World<C>, name?: string): Promise<Scene<C>> {
    return new Scene(world, await world.namespace(), name);
  }

  /** Another scene in the same namespace. */
  named(name: string): Scene<Cluster> {
    return new Scene(this.world, this.namespace, name);
  }

  /** Seals texts for this object, or for what `metadata` makes of it. */
  async seal(
    texts: Texts,
    metadata: ObjectMeta = {},
    { scope, certificate }: Sealing = {},
  ): Promise<ApiObject> {
    const { namespace, name } = this;
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, stringData: texts };
    const pem = certificate ?? (await this.world.certificate());
    return seal(pem, { ...secret, metadata: { name, namespace, ...metadata } }, scope);
  }

  /** Seals texts and merges fields into the template. */
  async sealWith(template: Readonly<Record<string, unknown>>, texts: Texts): Promise<ApiObject> {
    const sealed = await this.seal(texts);
    const spec = sealed['spec'] as { template: { metadata: object } };
    const metadata = { ...spec.template.metadata, ...(template['metadata'] as object | undefined) };
    return { ...sealed, spec: { ...spec, template: { ...spec.template, ...template, metadata } } };
  }

  /** Applies the SealedSecret, under its own name whatever it says. */
  apply(sealed: ApiObject): Promise<ApiObject> {
    const { namespace, name } = this;
    return this.world.apply({ ...sealed, metadata: { ...sealed.metadata, namespace, name } });
  }

  /** Seals and applies. */
  async sealAndApply(texts: Texts, metadata?: ObjectMeta, sealing?: Sealing): Promise<void> {
    await this.apply(await this.seal(texts, metadata, sealing));
  }

  /**
   * Changes the SealedSecret's metadata, which counts no generation up, so there is no answer to wait for.
   */
  async editMetadata(metadata: object): Promise<void> {
    await this.#client.patch(this.#path, 'merge', { metadata });
  }

  async deleteSealedSecret(): Promise<void> {
    await this.#client.delete(this.#path);
  }

  /** Creates the Secret beside the controller. */
  async createSecret(texts: Texts, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const metadata = { ...(fields['metadata'] as object | undefined), name: this.name };
    const secret = { apiVersion: 'v1', kind: 'Secret', stringData: texts, ...fields, metadata };
    await this.#client.create(secretPath(this.namespace), secret);
  }

  /** Changes the Secret beside the controller. */
  async editSecret(patch: object): Promise<void> {
    await this.#client.patch(this.secretPath, 'merge', patch);
  }

  /** Deletes the Secret beside the controller. */
  async deleteSecret(): Promise<void> {
    await this.#client.delete(this.secretPath);
  }

  get secretPath(): string {
    return secretPath(this.namespace, this.name);
  }

  sealedSecret(): Promise<ApiObject | undefined> {
    return this.world.findSealedSecret(this.namespace, this.name);
  }

  secret(): Promise<ApiObject | undefined> {
    return this.world.secret(this.namespace, this.name);
  }

  /** Waits until the controller has answered the newest version. */
  async untilObserved(): Promise<void> {
    await this.world.untilObserved(this.namespace, this.name);
  }

  /** Waits until the Secret holds these texts and the status says so truthfully. */
  untilInSync(texts: Texts): Promise<true> {
    return eventually(`${this.namespace}/${this.name} in sync with ${JSON.stringify(texts)}`, async () => {
      const [sealedSecret, secret] = [await this.sealedSecret(), await this.secret()];
      const isRight = JSON.stringify(textsOf(secret)) === JSON.stringify(texts);
      return (isRight && sealedSecret && isTruthful(sealedSecret, secret)) || undefined;
    });
  }

  /** Waits until the status says why this version of the SealedSecret failed. */
  untilRefused(reason: string): Promise<true> {
    return eventually(`${this.namespace}/${this.name} refused: ${reason}`, async () => {
      const sealedSecret = await this.sealedSecret();
      const { observedGeneration, conditions } = statusOf(sealedSecret);
      const isCurrent = observedGeneration === sealedSecret?.metadata.generation;
      const isTold = conditions?.some((each) => each.type === 'Synced' && each.reason === reason);
      return (isCurrent && isTold) || undefined;
    });
  }

  /** Waits until there is a Secret. */
  async untilSecret(): Promise<void> {
    await eventually(`the Secret ${this.namespace}/${this.name}`, () => this.secret());
  }

  /** Waits until there is no Secret. */
  async untilGone(): Promise<void> {
    const look = async () => (await this.secret()) === undefined || undefined;
    await eventually(`the end of Secret ${this.namespace}/${this.name}`, look);
  }

  get #client(): ApiClient {
    return this.world.client;
  }

  get #path(): string {
    return sealedPath(this.namespace, this.name);
  }
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
