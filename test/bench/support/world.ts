import { readFile } from 'node:fs/promises';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { type ApiClient, apiClient } from '../../support/api/api-client.ts';
import type { ObjectKey, TestCluster } from '../../support/api/types.ts';
import { grantDeployedRights } from '../../support/cluster/rights.ts';
import { applySealedSecretCrd } from '../../support/cluster/sealed-secret-crd.ts';

import { cpuMsOf, findProcess } from './figures/process-figures.ts';
import { type BenchKey, storeKeys } from './keys.ts';

/** A controller under measurement. */
export interface Running {
  readonly pid: number;
  readonly httpUrl: string;
  readonly metricsUrl: string;
  /** When it was started, on the clock of `performance`. */
  readonly startedMs: number;
  /** RSA decryptions so far; undefined where nobody counts. */
  rsaCount(): Promise<number | undefined>;
  stop(): Promise<void>;
}

/** How a controller starts. */
export interface StartOptions {
  /** False: as soon as it listens. */
  readonly untilReady?: boolean;
  readonly args?: readonly string[];
}

/** A controller that can be measured in a namespace of its own, which holds its keys and its objects. */
export interface Contender {
  readonly name: string;
  grant(world: BenchWorld, home: string): Promise<void>;
  start(world: BenchWorld, home: string, options?: StartOptions): Promise<Running>;
}

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
