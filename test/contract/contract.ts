import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type ApiAnswer, type ApiClient, type ApiObject, apiClient } from '../support/api-client.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What every contract test works with; filled before the first test of the file. */
export interface Contract {
  cluster: TestCluster;
  client: ApiClient;
}

/** Starts the server FUIN_CLUSTER names for one test file. */
export function useCluster(): Contract {
  const contract = {} as Contract;
  beforeAll(async () => {
    contract.cluster = await startCluster();
    contract.client = await apiClient(contract.cluster.adminKubeconfig);
  });
  afterAll(async () => {
    contract.client.close();
    await contract.cluster.stop();
  });
  return contract;
}

/** A name that no other test uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}

/** Makes a namespace of the test's own and returns its base path. */
export async function freshNamespace(client: ApiClient): Promise<{ name: string; path: string }> {
  const name = uniqueName('contract');
  await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return { name, path: `/api/v1/namespaces/${name}` };
}

/** What clients read of a failure. */
export function failureOf({ code, body }: ApiAnswer): Record<string, unknown> {
  const { status, reason, message, details, code: bodyCode, kind } = body;
  return { httpCode: code, kind, status, reason, message, details, code: bodyCode };
}

/** A ConfigMap with data. */
export function configMap(
  name: string,
  data: Record<string, string> = {},
  metadata: Record<string, unknown> = {},
): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A Secret with plain text values. */
export function secret(
  name: string,
  stringData: Record<string, string> = {},
  rest: Record<string, unknown> = {},
): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData, ...rest };
}

/** Base64 of a text. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** A reference to an owner that exists. The garbage collector deletes an object whose owners do not, within milliseconds. */
export function ownerOf({ metadata: { name = '', uid = '' } }: ApiObject, otherUid = uid): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: otherUid };
}
