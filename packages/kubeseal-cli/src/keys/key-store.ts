import { KEY_LABEL, SEALING_KEY_LABEL, SealedSecretsError } from '@fuin/crypto-core';
import type { Cluster } from '../controller/cluster.ts';
import { codeOfAnswer, describeAnswer } from '../controller/service.ts';
import { type Fields, fieldsOf } from '../io/fields.ts';
import type { HttpAnswer, HttpRequest } from '../io/http.ts';
import { metadataOf } from './key-secret.ts';

const PAGE = 500;
const JSON_TYPE = 'application/json';
const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const RIGHTS_HINT =
  'key Secrets hold the private keys, so usually only administrators may read them: the verbs get and list on Secrets of that namespace';

/** The key Secrets in the controller's namespace, and the SealedSecrets of the cluster. */
export class KeyStore {
  readonly namespace: string;
  readonly #cluster: Cluster;
  readonly #legacyName: string;

  /**
   * @param legacyName before keys had labels, the only key Secret had the prefix as its name. Controllers
   *   still open values with it
   */
  constructor(cluster: Cluster, namespace: string, legacyName: string) {
    this.#cluster = cluster;
    this.namespace = namespace;
    this.#legacyName = legacyName;
  }

  /** Metadata of all key Secrets, in use or not. The answer holds no private key. */
  listMetadata(): Promise<Fields[]> {
    return this.#listKeys(METADATA_LIST);
  }

  /** All key Secrets with their private keys. */
  async listSecrets(): Promise<Fields[]> {
    return (await this.#listKeys(JSON_TYPE)).map(asSecret);
  }

  /** All Secrets with a label, whatever its value, with their private keys. */
  async listLabelled(label: string): Promise<Fields[]> {
    return (await this.#list(this.#pathOfLabel(label), JSON_TYPE)).map(asSecret);
  }

  /** One Secret; undefined where there is none. */
  async get(name: string): Promise<Fields | undefined> {
    const answer = await this.#send(this.#path(name), {}, [404]);
    return answer.status === 404 ? undefined : bodyOf(answer);
  }

  /** The metadata of one Secret. The answer holds no private key. */
  async metadata(name: string): Promise<Fields | undefined> {
    const answer = await this.#send(this.#path(name), { headers: { accept: METADATA } }, [404]);
    return answer.status === 404 ? undefined : bodyOf(answer);
  }

  /** @returns false where a Secret of that name exists already */
  async create(secret: Fields): Promise<boolean> {
    const request = { method: 'POST', body: JSON.stringify(secret), headers: JSON_HEADERS } as const;
    const answer = await this.#send(`${this.#path()}?fieldManager=kubeseal`, request, [409]);
    return answer.status !== 409;
  }

  /**
   * Changes labels and annotations of a key Secret; null removes one. The Secret must still be as it was
   * read.
   *
   * @throws ERR_CONFLICT where it changed in the meantime
   */
  mark(
    secret: Fields,
    change: Readonly<Record<'labels' | 'annotations', Readonly<Record<string, string | null>>>>,
  ): Promise<void> {
    return this.#patch(secret, change, {});
  }

  /** Changes items of a Secret, which must still be as it was read. @throws ERR_CONFLICT */
  change(secret: Fields, data: Readonly<Record<string, string>>): Promise<void> {
    return this.#patch(secret, {}, { data });
  }

  /** Deletes a Secret, which must still be as it was read. @throws ERR_CONFLICT */
  async remove(secret: Fields): Promise<void> {
    const { name, resourceVersion } = metadataOf(secret);
    const { uid } = fieldsOf(secret['metadata']);
    await this.#changeUnlessConflict(name, {
      method: 'DELETE',
      body: JSON.stringify({
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid, resourceVersion },
      }),
      headers: JSON_HEADERS,
    });
  }

  /** Every SealedSecret of the cluster, page by page. */
  async *sealedSecrets(): AsyncGenerator<Fields> {
    yield* this.#pages('/apis/bitnami.com/v1alpha1/sealedsecrets?', JSON_TYPE);
  }

  #patch(secret: Fields, metadata: Fields, others: Fields): Promise<void> {
    const { name, resourceVersion } = metadataOf(secret);
    return this.#changeUnlessConflict(name, {
      method: 'PATCH',
      body: JSON.stringify({ metadata: { resourceVersion, ...metadata }, ...others }),
      headers: { 'content-type': 'application/merge-patch+json', accept: METADATA },
    });
  }

  async #changeUnlessConflict(name: string, request: HttpRequest): Promise<void> {
    const answer = await this.#send(`${this.#path(name)}?fieldManager=kubeseal`, request, [409]);
    if (answer.status === 409) throw changedMeanwhile(name);
  }

  #pathOfLabel(selector: string): string {
    return `${this.#path()}?labelSelector=${encodeURIComponent(selector)}`;
  }

  #path(name?: string): string {
    const base = `/api/v1/namespaces/${encodeURIComponent(this.namespace)}/secrets`;
    return name === undefined ? base : `${base}/${encodeURIComponent(name)}`;
  }

  async #listKeys(accept: string): Promise<Fields[]> {
    const rsa = await this.#list(this.#pathOfLabel(KEY_LABEL), accept);
    // what has both is listed once
    const own = await this.#list(this.#pathOfLabel(`${SEALING_KEY_LABEL},!${KEY_LABEL}`), accept);
    const named = `${this.#path()}?fieldSelector=${encodeURIComponent(`metadata.name=${this.#legacyName}`)}`;
    const legacy = (await this.#list(named, accept)).filter((secret) => metadataOf(secret).label === '');
    return [...rsa, ...own, ...legacy];
  }

  async #list(path: string, accept: string): Promise<Fields[]> {
    const items: Fields[] = [];
    for await (const item of this.#pages(`${path}&`, accept)) items.push(item);
    return items;
  }

  /** @param path ends with the `?` or `&` that the next parameter needs */
  async *#pages(path: string, accept: string): AsyncGenerator<Fields> {
    for (let next = ''; ; ) {
      const parameter = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
      const answer = await this.#send(`${path}limit=${PAGE}${parameter}`, { headers: { accept } }, [404]);
      if (answer.status === 404) return; // the cluster does not know SealedSecrets
      const { items, metadata } = bodyOf(answer);
      for (const item of Array.isArray(items) ? items : []) yield fieldsOf(item);
      const following = fieldsOf(metadata)['continue'];
      if (typeof following !== 'string' || following === '' || following === next) return;
      next = following;
    }
  }

  async #send(path: string, request: HttpRequest, expected: readonly number[] = []): Promise<HttpAnswer> {
    const answer = await this.#cluster.send(path, request);
    if (answer.status < 300 || expected.includes(answer.status)) return answer;
    throw new SealedSecretsError(
      codeOfAnswer(answer),
      `the API server refused: ${describeAnswer(answer)}`,
      answer.status === 403 ? { hint: RIGHTS_HINT } : {},
    );
  }
}

function changedMeanwhile(name: string): SealedSecretsError {
  return new SealedSecretsError('ERR_CONFLICT', `key Secret ${name} changed in the meantime`, {
    hint: 'run the command again',
  });
}

const JSON_HEADERS = { 'content-type': JSON_TYPE };

/** An item of a list does not say what it is. */
function asSecret(item: Fields): Fields {
  return { ...item, apiVersion: 'v1', kind: 'Secret' };
}

function bodyOf({ body }: HttpAnswer): Fields {
  try {
    return fieldsOf(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    throw new SealedSecretsError('ERR_API_REJECTED', 'the answer of the API server is not JSON');
  }
}
