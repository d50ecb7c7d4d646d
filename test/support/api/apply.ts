import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../time/eventually.ts';
import type { ApiClient } from './api-client.ts';
import type { ApiObject } from './types.ts';

type ResourceList = readonly {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}[];

/**
 * Applies the documents of manifest files in order, like `kubectl apply --server-side`, and returns the
 * objects.
 */
export async function applyFiles(
  client: ApiClient,
  ...files: readonly (string | URL)[]
): Promise<ApiObject[]> {
  const applied: ApiObject[] = [];
  for (const file of files) {
    for (const document of parseAllDocuments(await readFile(file, 'utf8'))) {
      applied.push(await applyObject(client, document.toJS() as ApiObject));
    }
  }
  return applied;
}

/** Server-side applies one object; makes its namespace where that is missing. */
export async function applyObject(client: ApiClient, object: ApiObject): Promise<ApiObject> {
  const { name, namespace } = object.metadata;
  const collection = await collectionPath(client, object);
  const path = `${collection}/${name}?fieldManager=fuin&force=true`;
  const answer = await client.request('PATCH', path, {
    body: object,
    contentType: 'application/apply-patch+yaml',
  });
  if (answer.code === 404 && namespace) {
    await ensureNamespace(client, namespace);
    return client.patch(path, 'apply', object);
  }
  // the second call words the failure
  return answer.code < 300 ? answer.body : client.patch(path, 'apply', object);
}

/** Creates a missing namespace: a caller may lack the right, or its labels, to apply one. */
export async function ensureNamespace(client: ApiClient, name: string): Promise<void> {
  const answer = await client.request('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
  if (answer.code !== 201 && answer.code !== 409)
    throw new Error(`cannot create namespace ${name}: ${answer.text}`);
}

/** Waits until the API server serves a path: a definition is applied before that. */
export async function untilServed(client: ApiClient, path: string): Promise<void> {
  await eventually(path, async () => (await client.request('GET', path)).code === 200 || undefined);
}

/** Path of the collection an object belongs to, by discovery, which follows a definition after a moment. */
export async function collectionPath(
  client: ApiClient,
  { apiVersion = '', kind, metadata }: ApiObject,
): Promise<string> {
  const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const resource = await eventually(`${kind} in ${base}`, async () => {
    const { code, body } = await client.request('GET', base);
    const resources = code === 200 ? (body['resources'] as ResourceList) : [];
    return resources.find((each) => each.kind === kind && !each.name.includes('/'));
  });
  return resource.namespaced
    ? `${base}/namespaces/${metadata.namespace}/${resource.name}`
    : `${base}/${resource.name}`;
}
