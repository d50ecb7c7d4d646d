import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { type ApiClient, apiClient } from '../api/api-client.ts';
import type { TestCluster } from '../api/types.ts';
import { startCluster } from './cluster.ts';

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
