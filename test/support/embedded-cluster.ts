import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../apiserver/src/index.ts';
import { apiClient } from './api-client.ts';
import type { TestCluster } from './cluster.ts';

/** The embedded server as a TestCluster, with its fault switches. */
export interface EmbeddedCluster extends TestCluster {
  readonly kind: 'embedded';
  /** Fault switches, request log, compaction, restarts: see ApiServer. */
  readonly apiServer: ApiServer;
}

/** Starts an embedded API server; programs under test listen on 127.0.0.1. */
export async function startEmbeddedCluster(options: ApiServerOptions = {}): Promise<EmbeddedCluster> {
  const apiServer = await startApiServer(options);
  const directory = await mkdtemp(join(tmpdir(), 'embedded-cluster-'));
  const write = async (name: string, text: string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const adminKubeconfig = await write('admin.kubeconfig', apiServer.adminKubeconfig());
  const podAddress = options.address ?? '127.0.0.1';
  return {
    kind: 'embedded',
    apiServer,
    server: apiServer.url,
    adminKubeconfig,
    podAddress,
    kubeconfigFor: ({ namespace, name }) =>
      write(`${namespace}.${name}.kubeconfig`, apiServer.kubeconfigOf(namespace, name)),
    exposeService: (service) => exposeService(adminKubeconfig, podAddress, service),
    stop: async () => {
      await apiServer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function exposeService(
  kubeconfig: string,
  podAddress: string,
  { namespace, name, port, portName }: Parameters<TestCluster['exposeService']>[0],
): Promise<void> {
  const client = await apiClient(kubeconfig);
  const base = `/api/v1/namespaces/${namespace}`;
  const metadata = { name, namespace };
  const portEntry = { ...(portName ? { name: portName } : {}), port, protocol: 'TCP' };
  const existing = await client.request('GET', `${base}/services/${name}`);
  if (existing.code === 404) {
    await client.create(`${base}/services`, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [portEntry] },
    });
  }
  const addresses = [{ ip: podAddress }];
  await client.update(`${base}/endpoints/${name}`, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata,
    subsets: [{ addresses, ports: [portEntry] }],
  });
}
