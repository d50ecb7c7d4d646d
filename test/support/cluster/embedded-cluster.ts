import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../apiserver/src/index.ts';
import { type ApiClient, apiClient } from '../api/api-client.ts';
import { ensureNamespace } from '../api/apply.ts';
import type { ApiObject, TestCluster } from '../api/types.ts';

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
  const client = await apiClient(adminKubeconfig);
  const podAddress = options.address ?? '127.0.0.1';
  return {
    kind: 'embedded',
    apiServer,
    server: apiServer.url,
    adminKubeconfig,
    podAddress,
    kubeconfigFor: async ({ namespace, name }) => {
      await ensureNamespace(client, namespace);
      await client.request('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
        body: { metadata: { name } },
      });
      return write(`${namespace}.${name}.kubeconfig`, apiServer.kubeconfigOf(namespace, name));
    },
    exposeService: (service) => exposeService(client, podAddress, service),
    stop: async () => {
      client.close();
      await apiServer.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * What the same call creates on a real server: Pod, Service, Endpoints and EndpointSlice. The port is named
 * `http` unless the caller names it.
 */
async function exposeService(
  client: ApiClient,
  podAddress: string,
  { namespace, name, port, portName = 'http' }: Parameters<TestCluster['exposeService']>[0],
): Promise<void> {
  await ensureNamespace(client, namespace);
  const metadata = { name, namespace };
  const ports = [{ name: portName, port, protocol: 'TCP' }];
  const apply = (
    group: string,
    plural: string,
    object: { readonly [field: string]: unknown },
  ): Promise<ApiObject> =>
    client.patch(`${group}/namespaces/${namespace}/${plural}?fieldManager=test&force=true`, 'apply', {
      metadata,
      ...object,
    });
  await apply('/api/v1', `services/${name}`, { apiVersion: 'v1', kind: 'Service', spec: { ports } });
  const pod = { apiVersion: 'v1', kind: 'Pod' };
  await apply('/api/v1', `pods/${name}`, {
    ...pod,
    spec: { containers: [{ name: 'program', image: 'none' }] },
  });
  const status = { phase: 'Running', podIP: podAddress, podIPs: [{ ip: podAddress }] };
  await apply('/api/v1', `pods/${name}/status`, { ...pod, status });
  const subsets = [{ addresses: [{ ip: podAddress }], ports }];
  await apply('/api/v1', `endpoints/${name}`, { apiVersion: 'v1', kind: 'Endpoints', subsets });
  await apply('/apis/discovery.k8s.io/v1', `endpointslices/${name}`, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [podAddress], conditions: { ready: true } }],
    ports,
  });
}
