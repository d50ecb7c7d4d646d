import type { Controller } from '../support/processes/controller-process.ts';
import type { Chart } from './chart.ts';

const SERVICE = 'sealed-secrets';

/** Replicas by the names of their Pods. */
export type Replicas = Readonly<Record<string, Controller>>;

/** Makes the release's Service lead to these replicas, as kubelet and the endpoint controllers would. */
export async function publish(
  { client, world }: Chart,
  namespace: string,
  replicas: Replicas,
): Promise<void> {
  const ip = world.cluster.podAddress;
  const apply = (path: string, object: object) =>
    client.patch(`${path}?fieldManager=test&force=true`, 'apply', object);
  const base = `/api/v1/namespaces/${namespace}`;
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const labels = { 'kubernetes.io/service-name': SERVICE };
  const parts = Object.entries(replicas).map(async ([name, { url }]) => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name } };
    const spec = { containers: [{ name: 'controller', image: 'none' }] };
    const { metadata } = await apply(`${base}/pods/${name}`, { ...pod, spec });
    await apply(`${base}/pods/${name}/status`, {
      ...pod,
      status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
    });
    const targetRef = { kind: 'Pod', name, namespace, uid: metadata.uid };
    const ports = [{ name: 'http', port: Number(new URL(url).port), protocol: 'TCP' }];
    await apply(`${slices}/${name}`, {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels },
      addressType: 'IPv4',
      endpoints: [{ addresses: [ip], conditions: { ready: true }, targetRef }],
      ports,
    });
    return { addresses: [{ ip, targetRef }], ports };
  });
  await apply(`${base}/endpoints/${SERVICE}`, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: SERVICE, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: await Promise.all(parts),
  });
  const { items } = await client.list(`${slices}?labelSelector=kubernetes.io/service-name=${SERVICE}`);
  const gone = items.map(({ metadata }) => String(metadata.name)).filter((name) => !(name in replicas));
  await Promise.all(gone.map((name) => client.delete(`${slices}/${name}`)));
}

/** Where the API server's service proxy shows the certificate to users of kubeseal. */
export const certificatePath = (namespace: string): string =>
  `/api/v1/namespaces/${namespace}/services/http:${SERVICE}:http/proxy/v1/cert.pem`;
