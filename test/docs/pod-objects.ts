import type { ApiClient } from '../support/api/api-client.ts';
import type { ApiObject } from '../support/api/types.ts';
import type { Controller } from '../support/processes/controller-process.ts';
import type { MountedConfigMaps, Mounting } from './mounted-config-maps.ts';

/** As much of a Deployment as there is to run. */
export interface Deployment extends ApiObject {
  readonly metadata: ApiObject['metadata'] & { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: Mounting & {
        readonly serviceAccountName: string;
        readonly containers: readonly Container[];
      };
    };
  };
}

/** A container of its Pods. */
export interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** A Pod and the process in it. */
export interface RunningPod {
  readonly name: string;
  readonly uid: string;
  /** The template it was made of. */
  readonly template: string;
  readonly process: Controller;
  readonly configMaps: MountedConfigMaps;
}

const MANAGER = 'fieldManager=stand-in&force=true';

/** Makes the Pod of a running process; returns its uid. */
export async function showPod(
  client: ApiClient,
  { deployment, name, address }: { deployment: Deployment; name: string; address: string },
): Promise<string> {
  const pods = `/api/v1/namespaces/${deployment.metadata.namespace}/pods`;
  const { metadata, spec } = deployment.spec.template;
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name } };
  const created = await client.create(pods, { ...pod, spec } as ApiObject);
  const containerStatuses = spec.containers.map((container) => ({
    ...nameAndImage(container),
    imageID: '',
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt: created.metadata.creationTimestamp } },
  }));
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' }));
  const status = {
    phase: 'Running',
    podIP: address,
    podIPs: [{ ip: address }],
    conditions,
    containerStatuses,
  };
  await client.patch(`${pods}/${name}/status?${MANAGER}`, 'apply', { ...pod, status });
  return String(created.metadata.uid);
}

/** Has the Services that select a Deployment's Pods lead to them. */
export async function showEndpoints(
  client: ApiClient,
  { deployment, pods, address }: { deployment: Deployment; pods: readonly RunningPod[]; address: string },
): Promise<void> {
  const { namespace } = deployment.metadata;
  const { items } = await client.list(`/api/v1/namespaces/${namespace}/services`);
  const labels = deployment.spec.template.metadata.labels;
  for (const service of (items as Service[]).filter(({ spec }) => selects(spec.selector, labels))) {
    const subsets = pods.map(({ name, uid, process }) => ({
      addresses: [{ ip: address, targetRef: { kind: 'Pod', name, namespace, uid } }],
      ports: service.spec.ports.map(({ name: port, targetPort }) => ({
        ...(port === undefined ? {} : { name: port }),
        port: Number(new URL(targetPort === 'metrics' ? process.metricsUrl : process.url).port),
        protocol: 'TCP',
      })),
    }));
    await showSubsets(client, { namespace, service: service.metadata.name ?? '', subsets });
  }
}

/** Says of a Deployment that all its Pods are there. */
export async function showDeployment(client: ApiClient, { metadata, spec }: Deployment): Promise<void> {
  const { namespace, name, generation } = metadata;
  const { replicas } = spec;
  const counts = {
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
  };
  const conditions = [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable' },
  ];
  await client.patch(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status?${MANAGER}`, 'apply', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    status: { observedGeneration: generation, ...counts, conditions },
  });
}

interface Service extends ApiObject {
  readonly spec: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name?: string; readonly targetPort: number | string }[];
  };
}

interface Subsets {
  readonly namespace: string;
  readonly service: string;
  readonly subsets: readonly {
    readonly addresses: readonly { readonly ip: string; readonly targetRef: { readonly name: string } }[];
    readonly ports: readonly object[];
  }[];
}

/** A subset and a slice for each Pod: all have one address here and ports of their own. */
async function showSubsets(client: ApiClient, { namespace, service, subsets }: Subsets): Promise<void> {
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  await client.patch(`/api/v1/namespaces/${namespace}/endpoints/${service}?${MANAGER}`, 'apply', {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: service, labels },
    subsets,
  });
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const wanted = subsets.map(({ addresses: [address], ports }) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${address?.targetRef.name.slice(-5)}`,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address?.ip], conditions: { ready: true }, targetRef: address?.targetRef }],
    ports,
  }));
  for (const slice of wanted)
    await client.patch(`${slices}/${slice.metadata.name}?${MANAGER}`, 'apply', slice);
  const names = new Set(wanted.map(({ metadata }) => metadata.name));
  const { items } = await client.list(`${slices}?labelSelector=kubernetes.io/service-name=${service}`);
  const gone = items.map(({ metadata }) => String(metadata.name)).filter((name) => !names.has(name));
  await Promise.all(gone.map((name) => client.delete(`${slices}/${name}`)));
}

const selects = (selector: Service['spec']['selector'], labels: Readonly<Record<string, string>>) =>
  selector !== undefined && Object.entries(selector).every(([name, value]) => labels[name] === value);

const nameAndImage = (container: object) => {
  const { name, image } = container as { readonly name: string; readonly image: string };
  return { name, image };
};
