import { type SealedSecret, sealSecret } from '@fuin/crypto-core';
import type { ApiClient } from '../../support/api/api-client.ts';
import type { ApiObject } from '../../support/api/types.ts';
import { concurrently } from './figures/concurrently.ts';
import type { BenchKey } from './keys.ts';

/** How many requests the clients of a benchmark have under way at once. */
export const CLIENTS = 32;
const PAGE = 500;

/** A SealedSecret of any namespace and what its Secret must hold. */
export interface BenchObject {
  readonly sealed: SealedSecret;
  readonly data: Readonly<Record<string, string>>;
}

/** What to seal. */
export interface SealPlan {
  readonly count: number;
  readonly values?: number;
  readonly keyOf: (index: number) => BenchKey;
}

/** Seals objects cluster-wide, so that the same ones serve in every controller's namespace. */
export async function sealObjects({ count, values = 2, keyOf }: SealPlan): Promise<BenchObject[]> {
  const objects: BenchObject[] = [];
  await concurrently(Array(count).keys(), 8, async (index) => {
    const items = Array.from({ length: values }, (_, item) => [
      `item-${item}`,
      btoa(`value ${item} of ${index}`),
    ]);
    const data = Object.fromEntries(items) as Record<string, string>;
    const metadata = { name: `object-${index}` };
    const secret = { apiVersion: 'v1' as const, kind: 'Secret' as const, metadata, data };
    objects[index] = {
      sealed: await sealSecret(secret, keyOf(index).keyPair, 'cluster-wide'),
      data,
    };
  });
  return objects;
}

/** Path of a namespace's SealedSecrets. */
export const sealedSecretsIn = (namespace: string): string =>
  `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
/** Path of a namespace's Secrets. */
export const secretsIn = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`;

/** The object as it is created in a namespace. */
export function inNamespace({ sealed }: BenchObject, namespace: string): unknown {
  return { ...sealed, metadata: { ...sealed.metadata, namespace } };
}

/** Creates all of them with many requests at once. */
export async function createObjects(
  client: ApiClient,
  namespace: string,
  objects: readonly BenchObject[],
): Promise<void> {
  await concurrently(objects, CLIENTS, (object) =>
    client.create(sealedSecretsIn(namespace), inNamespace(object, namespace)),
  );
}

/** Deletes the Secrets of these objects. */
export async function deleteSecrets(
  client: ApiClient,
  namespace: string,
  objects: readonly BenchObject[],
): Promise<void> {
  await concurrently(objects, CLIENTS, ({ sealed }) =>
    client.delete(`${secretsIn(namespace)}/${sealed.metadata.name}`),
  );
}

/** Every object of a collection, page by page. */
export async function listAll(client: ApiClient, path: string): Promise<ApiObject[]> {
  const items: ApiObject[] = [];
  let rest = '';
  do {
    const page = await client.list(`${path}?limit=${PAGE}${rest}`);
    items.push(...page.items);
    rest = page.metadata.continue ? `&continue=${encodeURIComponent(page.metadata.continue)}` : '';
  } while (rest !== '');
  return items;
}

/** @throws unless every object has a Secret with exactly its data and a status that says so */
export async function verifyObjects(
  client: ApiClient,
  namespace: string,
  objects: readonly BenchObject[],
): Promise<void> {
  const byName = async (path: string) =>
    new Map((await listAll(client, path)).map((item) => [item.metadata.name, item]));
  const [secrets, sealedSecrets] = [
    await byName(secretsIn(namespace)),
    await byName(sealedSecretsIn(namespace)),
  ];
  for (const { sealed, data } of objects) {
    const { name } = sealed.metadata;
    const found = secrets.get(name)?.['data'] as Record<string, string> | undefined;
    const isRight = Object.entries(data).every(([item, text]) => found?.[item] === text);
    if (!isRight || Object.keys(found ?? {}).length !== Object.keys(data).length)
      throw new Error(`WRONG: Secret ${namespace}/${name} is not what was sealed`);
    const live = sealedSecrets.get(name);
    if (!live || !isSynced(live))
      throw new Error(`WRONG: the status of ${namespace}/${name} does not say Synced`);
  }
}

/** Whether the status says that this version of the object is in sync. */
export function isSynced(object: ApiObject): boolean {
  const { conditions = [], observedGeneration } = (object['status'] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly observedGeneration?: number;
  };
  const isTrue = conditions.some(({ type, status }) => type === 'Synced' && status === 'True');
  return isTrue && observedGeneration === object.metadata.generation;
}

/** What changes when anything in the namespace is written: uid and resourceVersion of each object. */
export async function versionsOf(client: ApiClient, namespace: string): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for (const path of [
    secretsIn(namespace),
    sealedSecretsIn(namespace),
    `/api/v1/namespaces/${namespace}/events`,
  ]) {
    for (const { metadata } of await listAll(client, path))
      versions.set(`${path}/${metadata.name}`, `${metadata.uid} ${metadata.resourceVersion}`);
  }
  return versions;
}

/** How many objects were written, made or deleted between two looks. */
export function countWrites(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  const changed = [...after].filter(([path, version]) => before.get(path) !== version);
  const gone = [...before.keys()].filter((path) => !after.has(path));
  return changed.length + gone.length;
}
