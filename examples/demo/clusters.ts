import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type ApiClient, apiClient } from '../../test/support/api/api-client.ts';
import { applyFiles, applyObject, ensureNamespace } from '../../test/support/api/apply.ts';
import type { ApiObject, ObjectKey, TestCluster } from '../../test/support/api/types.ts';
import { startEmbeddedCluster } from '../../test/support/cluster/embedded-cluster.ts';
import { type Controller, startController } from '../../test/support/processes/controller-process.ts';
import type { Narrator } from './narrator.ts';

const DEPLOY = new URL('../../deploy/', import.meta.url);
const CONTROLLER = 'sealed-secrets-controller';

/** Where the demo plays: a cluster with a running controller. */
export interface DemoCluster {
  readonly client: ApiClient;
  readonly kubeconfig: string;
  /** Namespace of the demo's Secret. */
  readonly namespace: string;
  /** What kubeseal needs to get the certificate: nothing where the API server can reach the controller. */
  readonly sealArgs: readonly string[];
  readonly controller: Controller;
  close(): Promise<void>;
}

/** An API server in this process, with deploy/ applied; the controller has the rights of deploy/rbac.yaml. */
export async function openLocalCluster(narrator: Narrator): Promise<DemoCluster> {
  const cluster = await narrator.step('Start an API server (in memory, real HTTPS)', () =>
    startEmbeddedCluster(),
  );
  const client = await apiClient(cluster.adminKubeconfig);
  await narrator.step('kubectl apply -f deploy/', async () => {
    const applied = await applyFiles(
      client,
      ...['crd.yaml', 'rbac.yaml', 'controller.yaml'].map((file) => new URL(file, DEPLOY)),
    );
    narrator.say(...applied.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
  });
  await ensureNamespace(client, 'demo');
  const serviceAccount = { namespace: 'kube-system', name: CONTROLLER };
  const controller = await startNarrated(narrator, () =>
    startController({ cluster, namespace: 'kube-system', serviceAccount }),
  );
  await applyObject(client, endpointsOf(serviceAccount, controller, cluster));
  return {
    client,
    kubeconfig: cluster.adminKubeconfig,
    namespace: 'demo',
    sealArgs: [],
    controller,
    close: async () => {
      await controller.stop();
      client.close();
      await cluster.stop();
    },
  };
}

/** The cluster of KUBECONFIG: a namespace for the demo, and a controller on this machine that serves it. */
export async function openGivenCluster(narrator: Narrator): Promise<DemoCluster> {
  process.env['FUIN_USE_KUBECONFIG'] = '1';
  const { startKubeApiserver } = await import('../../test/kube-apiserver/start.ts');
  const cluster = await startKubeApiserver();
  const client = await apiClient(cluster.adminKubeconfig);
  const namespace = `fuin-demo-${randomBytes(3).toString('hex')}`;
  const leftovers = await narrator.step(`Prepare namespace ${namespace} of ${cluster.server}`, () =>
    prepareNamespace(client, namespace),
  );
  const controller = await startNarrated(narrator, () =>
    startController({
      cluster,
      namespace,
      serviceAccount: { namespace, name: CONTROLLER },
      args: ['--all-namespaces=false'],
    }),
  );
  return {
    client,
    kubeconfig: cluster.adminKubeconfig,
    namespace,
    sealArgs: ['--cert', await saveCertificate(controller, cluster)],
    controller,
    close: async () => {
      await controller.stop();
      for (const path of [`/api/v1/namespaces/${namespace}`, ...leftovers]) await client.delete(path);
      client.close();
      await cluster.stop();
    },
  };
}

/**
 * What kubelet and the endpoints controller would do: behind the Service stands the process on this machine.
 */
function endpointsOf(metadata: ObjectKey, { url }: Controller, { podAddress }: TestCluster): ApiObject {
  const subset = { addresses: [{ ip: podAddress }], ports: [{ port: Number(new URL(url).port) }] };
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { ...metadata }, subsets: [subset] };
}

async function startNarrated(narrator: Narrator, start: () => Promise<Controller>): Promise<Controller> {
  return narrator.step('Start the controller; it creates its RSA-4096 sealing key', start);
}

/**
 * Creates the namespace, the controller's rights in it and a missing CRD; returns further paths to delete.
 */
async function prepareNamespace(client: ApiClient, namespace: string): Promise<string[]> {
  const crd = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/sealedsecrets.bitnami.com';
  const isInstalled = (await client.request('GET', crd)).code === 200;
  if (!isInstalled) await applyFiles(client, new URL('crd.yaml', DEPLOY));
  await ensureNamespace(client, namespace);
  const documents = parseAllDocuments(await readFile(new URL('rbac.yaml', DEPLOY), 'utf8'));
  const role = documents
    .map((document) => document.toJS() as ApiObject)
    .find(({ kind }) => kind === 'ClusterRole');
  const metadata = { name: CONTROLLER, namespace };
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  await applyObject(client, { ...rbac, kind: 'Role', rules: role?.['rules'] });
  await applyObject(client, {
    ...rbac,
    kind: 'RoleBinding',
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: CONTROLLER },
    subjects: [{ kind: 'ServiceAccount', ...metadata }],
  });
  return isInstalled ? [] : [crd];
}

/**
 * The API server cannot reach a controller outside the cluster, so the demo fetches the certificate itself.
 */
async function saveCertificate({ url }: Controller, { adminKubeconfig }: TestCluster): Promise<string> {
  const response = await fetch(`${url}/v1/cert.pem`);
  const path = join(dirname(adminKubeconfig), 'fuin-demo-cert.pem');
  await writeFile(path, await response.text());
  return path;
}
