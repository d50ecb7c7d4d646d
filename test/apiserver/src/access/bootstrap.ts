import type { Fields, KubeObject } from '../objects/object.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

const DISCOVERY_PATHS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];
const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];
const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'];

const object = (kind: string, name: string, rest: Fields): Fields => ({
  kind,
  apiVersion: kind === 'Namespace' ? 'v1' : RBAC,
  metadata: {
    name,
    ...(kind === 'Namespace' ? {} : { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' } }),
  },
  ...rest,
});

const role = (name: string, rules: Fields[]): Fields => object('ClusterRole', name, { rules });

const bindGroups = (name: string, ...groups: string[]): Fields =>
  object('ClusterRoleBinding', name, {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: groups.map((group) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: group })),
  });

const editable = [
  'configmaps',
  'endpoints',
  'events',
  'pods',
  'secrets',
  'serviceaccounts',
  'services',
  'services/proxy',
];
const viewable = editable.filter((resource) => resource !== 'secrets' && resource !== 'services/proxy');

/** What a fresh cluster holds: namespaces and the default roles this project meets. */
export const bootstrapObjects = [
  ...['default', 'kube-node-lease', 'kube-public', 'kube-system'].map((name) =>
    object('Namespace', name, {}),
  ),
  role('cluster-admin', [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ]),
  role('system:discovery', [{ verbs: ['get'], nonResourceURLs: DISCOVERY_PATHS }]),
  role('system:public-info-viewer', [{ verbs: ['get'], nonResourceURLs: PUBLIC_PATHS }]),
  role('system:basic-user', [
    {
      verbs: ['create'],
      apiGroups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
    },
  ]),
  role('view', [
    { verbs: READ, apiGroups: [''], resources: viewable },
    { verbs: READ, apiGroups: ['apps'], resources: ['deployments'] },
  ]),
  role('edit', [
    { verbs: [...READ, ...WRITE], apiGroups: [''], resources: editable },
    { verbs: [...READ, ...WRITE], apiGroups: ['apps'], resources: ['deployments'] },
  ]),
  bindGroups('cluster-admin', 'system:masters'),
  bindGroups('system:discovery', 'system:authenticated'),
  bindGroups('system:basic-user', 'system:authenticated'),
  bindGroups('system:public-info-viewer', 'system:authenticated', 'system:unauthenticated'),
] as unknown as readonly KubeObject[];
