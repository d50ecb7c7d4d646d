// Over 200 lines: one table of kinds.
import { type FieldError, fieldError } from '../objects/field-errors.ts';
import { fieldsOf, isFields, listOf } from '../objects/json.ts';
import type { KubeObject } from '../objects/object.ts';
import { readPath, type SelectableFields } from '../objects/selector.ts';
import { ageColumn, columnsByKind, nameColumn, tablesByKind } from './columns.ts';
import { prepareCrd, validateCrd } from './custom-resource-definition.ts';
import type { ResourceKind } from './kind.ts';
import { prepareConfigMap, prepareSecret, validateConfigMap, validateSecret } from './secret.ts';

type Traits = Partial<Omit<ResourceKind, 'group' | 'version' | 'kind' | 'plural'>>;

/** Top-level fields of kinds that have no spec and status. */
const fieldsByKind: Record<string, readonly string[]> = {
  Secret: ['data', 'stringData', 'type', 'immutable'],
  ConfigMap: ['data', 'binaryData', 'immutable'],
  ServiceAccount: ['secrets', 'imagePullSecrets', 'automountServiceAccountToken'],
  Endpoints: ['subsets'],
  EndpointSlice: ['addressType', 'endpoints', 'ports'],
  Role: ['rules'],
  ClusterRole: ['rules', 'aggregationRule'],
  RoleBinding: ['subjects', 'roleRef'],
  ClusterRoleBinding: ['subjects', 'roleRef'],
  Lease: ['spec'],
  Event: [
    'involvedObject',
    'reason',
    'message',
    'source',
    'firstTimestamp',
    'lastTimestamp',
    'count',
    'type',
    'eventTime',
    'series',
    'action',
    'related',
    'reportingComponent',
    'reportingInstance',
  ],
};

function builtIn(apiVersion: string, kind: string, plural: string, traits: Traits = {}): ResourceKind {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return {
    group: group ?? '',
    version: version ?? '',
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    isNamespaced: true,
    hasStatus: false,
    hasGeneration: false,
    isCustom: false,
    fields: fieldsByKind[kind] ?? ['spec', 'status'],
    nameForm: 'subdomain',
    selectableFields: {},
    columns: tablesByKind[kind] ?? [nameColumn, ...(columnsByKind[kind] ?? []), ageColumn],
    ...traits,
  };
}

const pathField =
  (path: string): ((object: KubeObject) => unknown) =>
  (object) =>
    readPath(object, path);

const EVENT_FIELDS: SelectableFields = Object.fromEntries(
  [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ].map((path) => [path, pathField(path === 'source' ? 'source.component' : path)]),
);

function prepareNamespace(namespace: KubeObject, previous: KubeObject | undefined): void {
  const phase = namespace.metadata.deletionTimestamp ? 'Terminating' : 'Active';
  namespace.metadata.labels = {
    ...namespace.metadata.labels,
    'kubernetes.io/metadata.name': namespace.metadata.name,
  };
  namespace['spec'] = previous?.['spec'] ?? { finalizers: ['kubernetes'] };
  namespace['status'] = { ...fieldsOf(namespace['status']), phase };
}

let lastClusterIp = 0;

function prepareService(service: KubeObject, previous: KubeObject | undefined): void {
  const spec = fieldsOf(service['spec']);
  const before = fieldsOf(previous?.['spec']);
  const ports = listOf(spec['ports']).filter(isFields);
  lastClusterIp += 1;
  const clusterIP =
    spec['clusterIP'] || before['clusterIP'] || `10.96.${lastClusterIp >> 8}.${lastClusterIp & 255}`;
  service['spec'] = {
    sessionAffinity: 'None',
    type: 'ClusterIP',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ...spec,
    clusterIP,
    clusterIPs: [clusterIP],
    ports: ports.map((port) => ({
      ...port,
      protocol: port['protocol'] ?? 'TCP',
      targetPort: port['targetPort'] ?? port['port'],
    })),
  };
  service['status'] ??= { loadBalancer: {} };
}

function validateService(service: KubeObject): FieldError[] {
  const ports = listOf(readPath(service, 'spec.ports')).map(fieldsOf);
  if (ports.length === 0) return [fieldError.required('spec.ports')];
  return ports.flatMap(({ name, port }, i) => {
    const failures: FieldError[] = [];
    if (ports.length > 1 && !name) failures.push(fieldError.required(`spec.ports[${i}].name`));
    const isPort = typeof port === 'number' && port > 0 && port < 65_536;
    if (!isPort)
      failures.push(
        fieldError.invalid(`spec.ports[${i}].port`, port ?? 0, 'must be between 1 and 65535, inclusive'),
      );
    return failures;
  });
}

function preparePod(pod: KubeObject): void {
  pod['status'] ??= { phase: 'Pending' };
}

function prepareDeployment(deployment: KubeObject): void {
  deployment['spec'] = { replicas: 1, ...fieldsOf(deployment['spec']) };
  deployment['status'] ??= {};
}

function prepareEvent(event: KubeObject): void {
  const defaults = {
    source: {},
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  };
  for (const [field, value] of Object.entries(defaults)) event[field] ??= value;
}

function validateEvent(event: KubeObject): FieldError[] {
  const namespace = readPath(event, 'involvedObject.namespace') ?? '';
  const expected = namespace === '' ? 'default' : namespace;
  if (event.metadata.namespace === expected) return [];
  return [fieldError.invalid('involvedObject.namespace', namespace, 'does not match event.namespace')];
}

function prepareRoleBinding(binding: KubeObject): void {
  const subjects = listOf(binding['subjects']).filter(isFields);
  if (subjects.length === 0) return;
  binding['subjects'] = subjects.map((subject) => ({
    ...(subject['kind'] === 'ServiceAccount' ? {} : { apiGroup: 'rbac.authorization.k8s.io' }),
    ...subject,
  }));
}

function validateRoleBinding(next: KubeObject, previous: KubeObject | undefined): FieldError[] {
  const isChanged = previous && JSON.stringify(next['roleRef']) !== JSON.stringify(previous['roleRef']);
  return isChanged ? [fieldError.invalid('roleRef', next['roleRef'], 'cannot change roleRef')] : [];
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const rbac: Traits = { nameForm: 'segment', createsOnUpdate: true };
const binding: Traits = { ...rbac, prepare: prepareRoleBinding, validate: validateRoleBinding };

/** Every built-in kind, one row each. */
export const builtInKinds: readonly ResourceKind[] = [
  builtIn('v1', 'Namespace', 'namespaces', {
    shortNames: ['ns'],
    isNamespaced: false,
    hasStatus: true,
    answersDeleted: true,
    nameForm: 'label',
    selectableFields: { 'status.phase': pathField('status.phase') },
    prepare: prepareNamespace,
  }),
  builtIn('v1', 'Secret', 'secrets', {
    selectableFields: { type: pathField('type') },
    prepare: prepareSecret,
    validate: validateSecret,
  }),
  builtIn('v1', 'ConfigMap', 'configmaps', {
    shortNames: ['cm'],
    prepare: prepareConfigMap,
    validate: validateConfigMap,
  }),
  builtIn('v1', 'Event', 'events', {
    shortNames: ['ev'],
    createsOnUpdate: true,
    selectableFields: EVENT_FIELDS,
    prepare: prepareEvent,
    validate: validateEvent,
  }),
  builtIn('v1', 'Service', 'services', {
    shortNames: ['svc'],
    categories: ['all'],
    hasStatus: true,
    answersDeleted: true,
    createsOnUpdate: true,
    nameForm: 'label1035',
    selectableFields: { 'spec.type': pathField('spec.type'), 'spec.clusterIP': pathField('spec.clusterIP') },
    prepare: prepareService,
    validate: validateService,
  }),
  builtIn('v1', 'Endpoints', 'endpoints', { shortNames: ['ep'], createsOnUpdate: true }),
  builtIn('v1', 'Pod', 'pods', {
    shortNames: ['po'],
    categories: ['all'],
    hasStatus: true,
    hasGeneration: true,
    answersDeleted: true,
    selectableFields: {
      'status.phase': pathField('status.phase'),
      'spec.nodeName': pathField('spec.nodeName'),
    },
    prepare: preparePod,
  }),
  builtIn('v1', 'ServiceAccount', 'serviceaccounts', { shortNames: ['sa'], answersDeleted: true }),
  builtIn('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', { hasGeneration: true }),
  builtIn('coordination.k8s.io/v1', 'Lease', 'leases', { createsOnUpdate: true }),
  builtIn('apps/v1', 'Deployment', 'deployments', {
    shortNames: ['deploy'],
    categories: ['all'],
    hasStatus: true,
    hasGeneration: true,
    prepare: prepareDeployment,
  }),
  builtIn(RBAC, 'Role', 'roles', rbac),
  builtIn(RBAC, 'ClusterRole', 'clusterroles', { ...rbac, isNamespaced: false }),
  builtIn(RBAC, 'RoleBinding', 'rolebindings', binding),
  builtIn(RBAC, 'ClusterRoleBinding', 'clusterrolebindings', { ...binding, isNamespaced: false }),
  builtIn('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', {
    shortNames: ['pdb'],
    hasStatus: true,
    hasGeneration: true,
  }),
  builtIn('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', {
    shortNames: ['netpol'],
    hasGeneration: true,
  }),
  builtIn('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    shortNames: ['crd', 'crds'],
    categories: ['api-extensions'],
    isNamespaced: false,
    hasStatus: true,
    hasGeneration: true,
    answersDeleted: true,
    prepare: prepareCrd,
    validate: validateCrd,
  }),
];
