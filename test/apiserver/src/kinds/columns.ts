import { fieldsOf, listOf } from '../json.ts';
import type { KubeObject } from '../object.ts';
import { readPath } from '../selector.ts';
import type { Column } from './kind.ts';

/** Age as kubectl prints it: two units at most. */
export function formatAge(since: unknown, now: number = Date.now()): string {
  const start = typeof since === 'string' ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(start)) return '<unknown>';
  const seconds = Math.floor((now - start) / 1000);
  if (seconds < 0) return seconds < -1 ? '<invalid>' : '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (days < 8) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  return `${days}d`;
}

/** The first column of every table. */
export const nameColumn: Column = { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name };

/** Time since creation. */
export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  cell: ({ metadata }) => formatAge(metadata.creationTimestamp),
};

function column(
  name: string,
  cell: (object: KubeObject) => unknown,
  type: Column['type'] = 'string',
): Column {
  return { name, type, cell };
}

const path = (name: string, at: string, fallback: unknown = '<none>'): Column =>
  column(name, (object) => readPath(object, at) ?? fallback);

const count = (name: string, at: string): Column =>
  column(name, (object) => Object.keys(Object(readPath(object, at) ?? {})).length, 'integer');

const listText = (values: unknown[]): string => values.join(',') || '<none>';

function servicePorts(service: KubeObject): string {
  const ports = listOf(readPath(service, 'spec.ports')).map(fieldsOf);
  return listText(ports.map(({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`));
}

function endpointAddresses(endpoints: KubeObject): string {
  const subsets = listOf(endpoints['subsets']).map(fieldsOf);
  const pairs = subsets.flatMap(({ addresses, ports }) =>
    listOf(addresses).flatMap((address) =>
      listOf(ports).map((port) => `${fieldsOf(address)['ip']}:${fieldsOf(port)['port']}`),
    ),
  );
  return listText(pairs);
}

function sliceEndpoints(slice: KubeObject): string {
  return listText(listOf(slice['endpoints']).flatMap((endpoint) => listOf(fieldsOf(endpoint)['addresses'])));
}

function readyContainers(pod: KubeObject): string {
  const statuses = listOf(readPath(pod, 'status.containerStatuses')).map(fieldsOf);
  const ready = statuses.filter((status) => status['ready'] === true).length;
  return `${ready}/${listOf(readPath(pod, 'spec.containers')).length}`;
}

function readyReplicas(deployment: KubeObject): string {
  return `${readPath(deployment, 'status.readyReplicas') ?? 0}/${readPath(deployment, 'spec.replicas') ?? 1}`;
}

function roleRef(binding: KubeObject): string {
  const { kind, name } = fieldsOf(binding['roleRef']);
  return `${kind}/${name}`;
}

function eventObject(event: KubeObject): string {
  const { kind, name } = fieldsOf(event['involvedObject']);
  return `${String(kind ?? '').toLowerCase()}/${name}`;
}

/** Columns between name and age, by kind. */
export const columnsByKind: Record<string, readonly Column[]> = {
  Namespace: [path('Status', 'status.phase')],
  Secret: [path('Type', 'type'), count('Data', 'data')],
  ConfigMap: [count('Data', 'data')],
  Service: [
    path('Type', 'spec.type', 'ClusterIP'),
    path('Cluster-IP', 'spec.clusterIP'),
    column('External-IP', () => '<none>'),
    column('Port(s)', servicePorts),
  ],
  Endpoints: [column('Endpoints', endpointAddresses)],
  EndpointSlice: [
    path('AddressType', 'addressType'),
    count('Ports', 'ports'),
    column('Endpoints', sliceEndpoints),
  ],
  Pod: [column('Ready', readyContainers), path('Status', 'status.phase'), column('Restarts', () => '0')],
  ServiceAccount: [count('Secrets', 'secrets')],
  Lease: [path('Holder', 'spec.holderIdentity', '')],
  Deployment: [
    column('Ready', readyReplicas),
    path('Up-to-date', 'status.updatedReplicas', 0),
    path('Available', 'status.availableReplicas', 0),
  ],
  RoleBinding: [column('Role', roleRef)],
  ClusterRoleBinding: [column('Role', roleRef)],
  PodDisruptionBudget: [
    path('Min Available', 'spec.minAvailable', 'N/A'),
    path('Max Unavailable', 'spec.maxUnavailable', 'N/A'),
    path('Allowed Disruptions', 'status.disruptionsAllowed', 0),
  ],
  CustomResourceDefinition: [],
};

/** Whole tables of kinds whose first column is not the name. */
export const tablesByKind: Record<string, readonly Column[]> = {
  Event: [
    column('Last Seen', (event) =>
      formatAge(event['lastTimestamp'] ?? event['eventTime'] ?? event.metadata.creationTimestamp),
    ),
    path('Type', 'type', ''),
    path('Reason', 'reason', ''),
    column('Object', eventObject),
    column('Message', (event) => String(event['message'] ?? '').trim()),
  ],
  CustomResourceDefinition: [nameColumn, path('Created At', 'metadata.creationTimestamp')],
  Role: [nameColumn, path('Created At', 'metadata.creationTimestamp')],
  ClusterRole: [nameColumn, path('Created At', 'metadata.creationTimestamp')],
};
