import { grantDeployedRights } from '../../interop/rights.ts';
import { ApiClient as SetupClient } from '../../kube-apiserver/api-client.ts';
import { readKubeconfig } from '../../kube-apiserver/kubeconfig.ts';
import { applySealedSecretCrd } from '../../kube-apiserver/sealed-secret-crd.ts';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../../support/api-client.ts';
import type { ObjectKey, TestCluster } from '../../support/cluster.ts';
import type { Contender } from './contenders.ts';
import { type BenchKey, storeKeys } from './keys.ts';

/** A real kube-apiserver of the benchmark's own. */
export interface BenchWorld {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  readonly setup: SetupClient;
  grantDeployedRights(account: ObjectKey): Promise<void>;
  /** Makes a namespace with keys in it where a controller has its rights; gives its name. */
  home(contender: Contender, keys: readonly BenchKey[]): Promise<string>;
}

/** Starts a server, runs a benchmark on it and stops it, also when the benchmark fails. */
export async function withWorld(benchmark: (world: BenchWorld) => Promise<void>): Promise<void> {
  const cluster = await startOwnKubeApiserver();
  const client = await apiClient(cluster.adminKubeconfig);
  const setup = new SetupClient(await readKubeconfig(cluster.adminKubeconfig));
  let homes = 0;
  const world: BenchWorld = {
    cluster,
    client,
    setup,
    grantDeployedRights: (account) => grantDeployedRights(client, account),
    home: async (contender, keys) => {
      const name = `home-${++homes}`;
      await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await storeKeys(client, name, keys);
      await contender.grant(world, name);
      return name;
    },
  };
  try {
    await applySealedSecretCrd(setup);
    await benchmark(world);
  } finally {
    client.close();
    setup.close();
    await cluster.stop();
  }
}
