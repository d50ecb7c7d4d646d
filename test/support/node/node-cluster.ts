import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildNodePrograms, type NodeBinaries } from '../../kube-apiserver/build.ts';
import type { OwnKubeApiserver } from '../../kube-apiserver/own-server.ts';
import { ServerProcess } from '../../kube-apiserver/server-process.ts';
import { startOwnKubeApiserver } from '../../kube-apiserver/start.ts';
import { apiClient } from '../api/api-client.ts';
import { removeAbandonedCgroups } from './cgroups.ts';
import { writeImages } from './images.ts';
import { type RunningNode, startNode } from './node.ts';
import { addressOf, type NodeIdentity } from './settings.ts';

/** A whole cluster, on which Pods run. */
export interface NodeCluster {
  readonly adminKubeconfig: string;
  readonly podAddress: string;
  stop(): Promise<void>;
}

const NODES: readonly NodeIdentity[] = ['node-a', 'node-b'].map((name, index) => ({ name, index }));

/** The first address of the services' range; Pods find the API server there, at port 443. */
const API_ADDRESS = '10.96.0.1';
const API_PORT = 443;
const CONTROLLER_MANAGER = 'system:kube-controller-manager';
const SCHEDULER = 'system:kube-scheduler';

/**
 * Starts an API server, the controllers, the scheduler and two nodes with the images of writeImages(). Needs
 * a network namespace that belongs to this run, where it gives addresses to `lo`: that stands in for
 * kube-proxy, since the API server is the only Service that Pods use by its address.
 */
export async function startNodeCluster(makeImages = writeImages): Promise<NodeCluster> {
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const each of started.splice(0).reverse()) await each.stop();
  };
  try {
    await removeAbandonedCgroups();
    for (const address of [API_ADDRESS, ...NODES.map(addressOf)]) addAddress(address);
    const directory = await mkdtemp(join(tmpdir(), 'fuin-cluster-'));
    started.push({ stop: () => rm(directory, { recursive: true, force: true }) });
    const images = await makeImages(directory);
    const programs = await buildNodePrograms();
    const server = await startServer();
    started.push(server);
    for (const process of await controlPlane(server, programs, directory)) {
      await process.start();
      started.push(process);
    }
    for (const node of await startNodes(server, programs, images)) started.push(node);
    return { adminKubeconfig: server.adminKubeconfig, podAddress: server.podAddress, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addAddress(address: string): void {
  execFileSync('ip', ['address', 'replace', `${address}/32`, 'dev', 'lo']);
}

function startServer(): Promise<OwnKubeApiserver> {
  const nodes = NODES.map(({ name }) => [`system:node:${name}`, 'system:nodes']);
  return startOwnKubeApiserver({
    hasControllers: true,
    listen: { address: API_ADDRESS, port: API_PORT },
    users: { ...Object.fromEntries(nodes), [CONTROLLER_MANAGER]: '', [SCHEDULER]: '' },
    extraArgs: [
      '--authorization-mode=Node',
      '--enable-admission-plugins=NodeRestriction',
      '--kubelet-preferred-address-types=InternalIP',
    ],
  });
}

/** Both keep their default ports, which nobody else has in this network namespace. */
async function controlPlane(
  server: OwnKubeApiserver,
  { kubeControllerManager, kubeScheduler }: NodeBinaries,
  directory: string,
): Promise<readonly ServerProcess[]> {
  const common = ['--leader-elect=false', '--bind-address=127.0.0.1'];
  const controllerManager = [
    kubeControllerManager,
    `--kubeconfig=${await server.kubeconfigOf(CONTROLLER_MANAGER)}`,
    `--root-ca-file=${join(server.directory, 'apiserver.crt')}`,
    `--service-account-private-key-file=${join(server.directory, 'service-account.key')}`,
    '--use-service-account-credentials',
    ...common,
  ];
  const scheduler = [kubeScheduler, `--kubeconfig=${await server.kubeconfigOf(SCHEDULER)}`, ...common];
  return [
    new ServerProcess({
      command: controllerManager,
      logFile: join(directory, 'kube-controller-manager.log'),
      healthUrl: 'https://127.0.0.1:10257/healthz',
    }),
    new ServerProcess({
      command: scheduler,
      logFile: join(directory, 'kube-scheduler.log'),
      healthUrl: 'https://127.0.0.1:10259/healthz',
    }),
  ];
}

/** One after the other: their start is work for the whole machine. */
async function startNodes(
  server: OwnKubeApiserver,
  { kubelet }: NodeBinaries,
  images: readonly string[],
): Promise<RunningNode[]> {
  const client = await apiClient(server.adminKubeconfig);
  const nodes: RunningNode[] = [];
  try {
    for (const node of NODES) {
      const kubeconfig = await server.kubeconfigOf(`system:node:${node.name}`);
      nodes.push(await startNode(client, node, { kubelet, kubeconfig, images }));
    }
    return nodes;
  } catch (error) {
    for (const node of nodes) await node.stop();
    throw error;
  } finally {
    client.close();
  }
}
