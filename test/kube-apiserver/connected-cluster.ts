import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ApiClient, apiClient } from '../support/api/api-client.ts';
import { ensureNamespace } from '../support/api/apply.ts';
import { type ApiConnection, readKubeconfig, writeKubeconfig } from '../support/api/kubeconfig.ts';
import type { ApiObject, ObjectKey, TestCluster } from '../support/api/types.ts';

/** A running API server and where programs must listen for its service proxy to reach them. */
export interface ClusterAddress {
  readonly adminKubeconfig: string;
  readonly podAddress: string;
}

const PROXY_ATTEMPTS = 100;
const PROXY_PAUSE_MS = 50;
/** A token that outlives any test run. */
const TOKEN_SECONDS = 24 * 60 * 60;

/**
 * Offers a running API server as a TestCluster. stop() deletes the files of this call; the server keeps
 * running.
 */
export async function connectCluster({ adminKubeconfig, podAddress }: ClusterAddress): Promise<TestCluster> {
  const connection = await readKubeconfig(adminKubeconfig);
  const client = await apiClient(adminKubeconfig);
  const directory = await mkdtemp(join(tmpdir(), 'fuin-kubeconfig-'));
  return {
    kind: 'kube-apiserver',
    server: connection.server,
    adminKubeconfig,
    podAddress,
    kubeconfigFor: (account) => writeServiceAccountKubeconfig(client, connection, { account, directory }),
    exposeService: (service) => exposeService(client, service, podAddress),
    async stop() {
      client.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The address for programs under test: FUIN_POD_ADDRESS, else this machine's first that is not loopback. */
export function findPodAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  const outward = addresses.find((entry) => entry.family === 'IPv4' && !entry.address.startsWith('127.'));
  return process.env['FUIN_POD_ADDRESS'] ?? outward?.address ?? '127.0.0.1';
}

async function writeServiceAccountKubeconfig(
  client: ApiClient,
  connection: ApiConnection,
  { account, directory }: { account: ObjectKey; directory: string },
): Promise<string> {
  const { namespace, name } = account;
  await ensureNamespace(client, namespace);
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}`;
  await apply(client, path, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const { status } = await client.create(`${path}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: TOKEN_SECONDS },
  });
  const file = join(directory, `${namespace}-${name}.kubeconfig`);
  await writeKubeconfig(file, {
    server: connection.server,
    ca: connection.ca,
    token: (status as { token: string }).token,
  });
  return file;
}

/**
 * The service proxy follows an endpoint only when its targetRef is a Pod with this very address in its
 * status.
 */
async function exposeService(
  client: ApiClient,
  service: Parameters<TestCluster['exposeService']>[0],
  podAddress: string,
): Promise<void> {
  const { namespace, name, port, portName = 'http' } = service;
  await ensureNamespace(client, namespace);
  const base = `/api/v1/namespaces/${namespace}`;
  const metadata = { name, namespace };
  const ports = [{ name: portName, port, protocol: 'TCP' }];
  await apply(client, `${base}/services/${name}`, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { ports },
  });
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata };
  // No scheduler has this name, so a real cluster leaves the Pod alone.
  const spec = { schedulerName: 'fuin-none', containers: [{ name: 'program', image: 'none' }] };
  const { metadata: created } = await apply(client, `${base}/pods/${name}`, { ...pod, spec });
  await apply(client, `${base}/pods/${name}/status`, { ...pod, status: readyAt(podAddress) });
  const place = async (ready: readonly object[]): Promise<void> => {
    await apply(client, `${base}/endpoints/${name}`, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      subsets: ready.map((targetRef) => ({ addresses: [{ ip: podAddress, targetRef }], ports })),
    });
    await apply(client, `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices/${name}`, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: ready.map((targetRef) => ({
        addresses: [podAddress],
        conditions: { ready: true },
        targetRef,
      })),
      ports,
    });
    const path = `${base}/services/${portName === '' ? name : `http:${name}:${portName}`}/proxy/`;
    await untilProxied(client, path, ready.length > 0);
  };
  await place([]); // where it was exposed before, so that the old place is forgotten
  await place([{ kind: 'Pod', name, namespace, uid: created.uid }]);
}

/** The server's proxy uses a cache that lags for a moment. The program's own answer does not matter. */
async function untilProxied(client: ApiClient, path: string, isExposed: boolean): Promise<void> {
  for (let attempt = 0; attempt < PROXY_ATTEMPTS; attempt += 1) {
    const { code, text } = await client.request('GET', path);
    if ((code === 503 && text.includes('no endpoints available')) !== isExposed) return;
    await sleep(PROXY_PAUSE_MS);
  }
}

function readyAt(podIP: string): object {
  return {
    phase: 'Running',
    podIP,
    podIPs: [{ ip: podIP }],
    conditions: [{ type: 'Ready', status: 'True' }],
  };
}

/** Server-side apply: creates the object at this path or changes it to match. */
function apply(client: ApiClient, path: string, object: object): Promise<ApiObject> {
  return client.patch(`${path}?fieldManager=fuin-test&force=true`, 'apply', object);
}
