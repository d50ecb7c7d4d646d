import { fieldsOf, listOf } from '../objects/json.ts';
import type { KubeObject } from '../objects/object.ts';
import { readPath } from '../objects/selector.ts';
import type { Column } from './kind.ts';

/**
 * Units of an age: from when on it is printed, its seconds, the smaller unit shown beside it and until when.
 */
const UNITS = [
  { from: 2 * 86_400, seconds: 86_400, letter: 'd', until: 8 * 86_400, small: 3600, smallLetter: 'h' },
  { from: 3 * 3600, seconds: 3600, letter: 'h', until: 8 * 3600, small: 60, smallLetter: 'm' },
  { from: 120, seconds: 60, letter: 'm', until: 600, small: 1, smallLetter: 's' },
] as const;

/** Age as kubectl prints it: two units at most. */
export function formatAge(since: unknown, now: number = Date.now()): string {
  const start = typeof since === 'string' ? Date.parse(since) : Number.NaN;
  if (Number.isNaN(start)) return '<unknown>';
  const seconds = Math.max(0, Math.floor((now - start) / 1000));
  const unit = UNITS.find(({ from }) => seconds >= from);
  if (!unit) return `${seconds}s`;
  const rest = Math.floor((seconds % unit.seconds) / unit.small);
  const large = `${Math.floor(seconds / unit.seconds)}${unit.letter}`;
  return seconds < unit.until && rest > 0 ? `${large}${rest}${unit.smallLetter}` : large;
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
