import { readFile } from 'node:fs/promises';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../../support/api-client.ts';
import type { ObjectKey, TestCluster } from '../../support/cluster.ts';
import { grantDeployedRights } from '../../support/rights.ts';
import { applySealedSecretCrd } from '../../support/sealed-secret-crd.ts';
import type { Contender } from './contenders.ts';
import { type BenchKey, storeKeys } from './keys.ts';
import { cpuMsOf, findProcess } from './process-figures.ts';

/** A real kube-apiserver of the benchmark's own. */
export interface BenchWorld {
  readonly cluster: TestCluster;
  readonly client: ApiClient;
  /** CPU time that kube-apiserver and etcd have used so far. */
  serverCpuMs(): Promise<number>;
  grantDeployedRights(account: ObjectKey): Promise<void>;
  /** Makes a namespace with keys in it where a controller has its rights; gives its name. */
  home(contender: Contender, keys: readonly BenchKey[]): Promise<string>;
}

/** Starts a server, runs a benchmark on it and stops it, also when the benchmark fails. */
export async function withWorld(benchmark: (world: BenchWorld) => Promise<void>): Promise<void> {
  const cluster = await startOwnKubeApiserver();
  const client = await apiClient(cluster.adminKubeconfig);
  let homes = 0;
  const servers = await findServers(cluster.server);
  const world: BenchWorld = {
    cluster,
    client,
    serverCpuMs: async () => {
      const each = await Promise.all(servers.map(cpuMsOf));
      return each.reduce((sum, ms) => sum + ms, 0);
    },
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
    await applySealedSecretCrd(client);
    await benchmark(world);
  } finally {
    client.close();
    await cluster.stop();
  }
}

/** kube-apiserver and its etcd. */
async function findServers(server: string): Promise<readonly number[]> {
  const apiserver = await findProcess(`--secure-port=${new URL(server).port}`);
  const command = await readFile(`/proc/${apiserver}/cmdline`, 'utf8');
  const etcdUrl = /--etcd-servers=([^\0]+)/.exec(command)?.[1];
  return [apiserver, await findProcess(`--listen-client-urls=${etcdUrl}`)];
}
