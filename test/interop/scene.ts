import {
  API_VERSION,
  encodeBase64,
  encodeUtf8,
  encryptionLabel,
  KIND,
  type ObjectMeta,
  type Scope,
} from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ApiObject } from '../support/api/types.ts';
import { seal } from '../support/sealing.ts';
import { eventually } from '../support/time/eventually.ts';
import { type Outcome, readOutcome } from './outcome.ts';
import { type Stage, sealedPath, secretPath } from './stage.ts';

type Texts = Readonly<Record<string, string>>;

/** Where a scene plays. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly certificatePem: string;
  /** Whether the controller has logged this; ours never gives up, so it always answers yes. */
  readonly hasGivenUp: (line: string) => Promise<boolean>;
}

/** One SealedSecret and its Secret under one controller. Each step waits until the controller has dealt with it. */
export class Scene {
  readonly namespace: string;
  readonly name: string;
  readonly #stage: Stage;
  readonly #place: Place;

  constructor(stage: Stage, place: Place) {
    this.#stage = stage;
    this.#place = place;
    this.namespace = place.namespace;
    this.name = place.name;
  }

  /** Seals texts for this object, or what `metadata` makes of it. */
  sealed(texts: Texts, metadata: ObjectMeta = {}, scope?: Scope): Promise<ApiObject> {
    const { namespace, name } = this;
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, stringData: texts };
    return seal(this.#place.certificatePem, { ...secret, metadata: { name, namespace, ...metadata } }, scope);
  }

  /** Seals texts and merges fields into the template. */
  async sealedWith(template: Readonly<Record<string, unknown>>, texts: Texts): Promise<ApiObject> {
    const sealed = await this.sealed(texts);
    const spec = sealed['spec'] as { template: { metadata: object } };
    const metadata = { ...spec.template.metadata, ...(template['metadata'] as object | undefined) };
    return { ...sealed, spec: { ...spec, template: { ...spec.template, ...template, metadata } } };
  }

  /** The legacy form: one value over a whole Secret, sealed for this object or one of another name. */
  async legacy(content: unknown, name = this.name): Promise<ApiObject> {
    const { recipient } = await parseCertificate(this.#place.certificatePem);
    const label = encryptionLabel('strict', this.namespace, name);
    const data = encodeBase64(await recipient.seal(encodeUtf8(JSON.stringify(content)), label));
    const metadata = { name: this.name, namespace: this.namespace };
    return { apiVersion: API_VERSION, kind: KIND, metadata, spec: { data, encryptedData: {} } };
  }

  /** Applies the SealedSecret, under its own name whatever it says, and waits for an answer to it. */
  async apply(sealed: ApiObject): Promise<void> {
    const { namespace, name } = this;
    await this.#stage.apply({ ...sealed, metadata: { ...sealed.metadata, namespace, name } });
    await this.#stage.untilObserved(namespace, name);
  }

  /** Seals and applies. */
  async unseals(texts: Texts, metadata: ObjectMeta = {}): Promise<void> {
    await this.apply(await this.sealed(texts, metadata));
  }

  /** Replaces the SealedSecret by one without items: server-side apply would send null for an empty map (a bug of its). */
  async removeItems(): Promise<void> {
    const path = sealedPath(this.namespace, this.name);
    const { spec, ...sealed } = await this.#stage.client.get(path);
    await this.#stage.client.update(path, { ...sealed, spec: { ...(spec as object), encryptedData: {} } });
    await this.#stage.untilObserved(this.namespace, this.name);
  }

  /** Waits until upstream's controller has stopped trying: what changes later it does not see. */
  async givesUp(): Promise<void> {
    const line = `giving up" key=${this.namespace}/${this.name} `;
    await eventually(line, async () => (await this.#place.hasGivenUp(line)) || undefined);
  }

  /** Makes the Secret that is there before the SealedSecret. */
  async hasSecret(texts: Texts, fields: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const metadata = { ...(fields['metadata'] as object | undefined), name: this.name };
    const secret = { apiVersion: 'v1', kind: 'Secret', stringData: texts, ...fields, metadata };
    await this.#stage.client.create(`/api/v1/namespaces/${this.namespace}/secrets`, secret);
  }

  /** Changes the Secret by hand and waits for nothing. */
  async editSecret(patch: object): Promise<void> {
    await this.#stage.client.patch(secretPath(this.namespace, this.name), 'merge', patch);
  }

  async deleteSecret(): Promise<void> {
    await this.#stage.client.delete(secretPath(this.namespace, this.name));
  }

  /** Waits for the Secret to be there (again). */
  async hasGotSecret(): Promise<void> {
    await eventually(`the Secret ${this.namespace}/${this.name}`, () =>
      this.#stage.secret(this.namespace, this.name),
    );
  }

  /** Changes the SealedSecret's metadata, which counts no generation up, so there is no answer to wait for. */
  async editMetadata(metadata: object): Promise<void> {
    await this.#stage.client.patch(sealedPath(this.namespace, this.name), 'merge', { metadata });
  }

  async deleteSealedSecret(): Promise<void> {
    await this.#stage.client.delete(sealedPath(this.namespace, this.name));
  }

  /** Waits until a SealedSecret that is new now was dealt with: by then the controller has had every earlier change. */
  async passes(): Promise<void> {
    const name = `${this.name}-marker`;
    const marker = await this.sealed({ a: '1' }, { name });
    await this.#stage.apply(marker);
    await this.#stage.untilObserved(this.namespace, name);
  }

  outcome(): Promise<Outcome> {
    return readOutcome({ client: this.#stage.client, namespace: this.namespace, name: this.name });
  }
}
