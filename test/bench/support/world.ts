import { readFile } from 'node:fs/promises';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { World } from '../../support/world.ts';
import { cpuMsOf, findProcess } from './figures/process-figures.ts';

/** Starts a real kube-apiserver, runs a benchmark on it and stops it, also when the benchmark fails. */
export async function withWorld(benchmark: (world: World) => Promise<void>): Promise<void> {
  const world = await World.on(await startOwnKubeApiserver(), { key: false });
  try {
    await benchmark(world);
  } finally {
    await world.close();
  }
}

/** CPU time that kube-apiserver and its etcd have used so far. */
export async function cpuMsOfServers({ cluster }: World): Promise<number> {
  const apiserver = await findProcess(`--secure-port=${new URL(cluster.server).port}`);
  const command = await readFile(`/proc/${apiserver}/cmdline`, 'utf8');
  const etcdUrl = /--etcd-servers=([^\0]+)/.exec(command)?.[1];
  const etcd = await findProcess(`--listen-client-urls=${etcdUrl}`);
  return (await cpuMsOf(apiserver)) + (await cpuMsOf(etcd));
}
