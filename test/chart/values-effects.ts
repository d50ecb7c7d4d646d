// Over 200 lines: one table of values and what each changes.
import type { Values } from '../support/tools/helm.ts';
import { annotations, type Effect, labels, team } from './effect.ts';
import { METRICS } from './values-metrics.ts';

const pod = (values: Values, field: string, expected: unknown): Effect => ({
  values,
  kind: 'Deployment',
  path: `spec.template.spec.${field}`,
  expected,
});
const container = (values: Values, field: string, expected: unknown): Effect =>
  pod(values, `containers.0.${field}`, expected);
const image = (values: Values, expected: string): Effect => container({ image: values }, 'image', expected);

// biome-ignore format: one row per value
const NAMES: readonly Effect[] = [
  { values: { nameOverride: 'seals' }, kind: 'Deployment', path: 'metadata.name', expected: 'sealed-secrets-seals' },
  { values: { fullnameOverride: 'x' }, kind: 'Service', name: 'x-metrics', path: 'metadata.name', expected: 'x-metrics' },
  { values: { namespace: 'seals' }, kind: 'RoleBinding', path: 'subjects.0.namespace', expected: 'seals' },
  annotations({ commonAnnotations: team }, 'ServiceAccount'),
  labels({ commonLabels: { team: '{{ "blue" }}' } }, 'ClusterRole'),
  {
    values: { extraDeploy: [{ kind: 'ConfigMap', metadata: { name: '{{ .Release.Name }}-x' } }] },
    kind: 'ConfigMap',
    path: 'metadata.name',
    expected: 'sealed-secrets-x',
  },
];

const PROBE = {
  initialDelaySeconds: 1,
  periodSeconds: 2,
  timeoutSeconds: 3,
  failureThreshold: 4,
  successThreshold: 1,
};
const HTTP = (path: string) => ({ httpGet: { path, port: 'http' }, ...PROBE });
const EXEC = { exec: { command: ['true'] } };
// biome-ignore format: one row per value
const POD: readonly Effect[] = [
  image({ registry: 'mirror.test' }, 'mirror.test/fuin/sealed-secrets-controller:0.1.0'),
  image({ repository: 'a/b' }, 'localhost/a/b:0.1.0'),
  image({ tag: 'dev' }, 'localhost/fuin/sealed-secrets-controller:dev'),
  image({ registry: 'mirror.test', tag: '1.2.3' }, 'mirror.test/fuin/sealed-secrets-controller:1.2.3'),
  image({ registry: '', repository: 'mirror.test/seal', tag: '0.1.0' }, 'mirror.test/seal:0.1.0'),
  ...[{ repository: 'bitnami/x' }, { registry: 'mirror.test', repository: 'seal', tag: '0.38.4' }].map((each) =>
    container({ image: each }, 'readinessProbe.httpGet.path', '/healthz'),
  ),
  container({ keyWrapper: { env: [{ name: 'VAULT_ADDR', value: 'https://vault' }] } }, 'env.6', { name: 'VAULT_ADDR', value: 'https://vault' }),
  ...[{ auditLog: { file: '/audit/a.jsonl', volume: { emptyDir: {} } } }].flatMap((values) => [
    container(values, 'volumeMounts.1', { name: 'audit', mountPath: '/audit' }),
    pod(values, 'volumes.1', { name: 'audit', emptyDir: {} }),
  ]),
  container({ auditLog: { file: '/audit/a.jsonl' } }, 'volumeMounts.1', undefined),
  container({ image: { pullPolicy: 'Always' } }, 'imagePullPolicy', 'Always'),
  pod({ image: { pullSecrets: ['mirror'] } }, 'imagePullSecrets', [{ name: 'mirror' }]),
  { values: { replicaCount: 3 }, kind: 'Deployment', path: 'spec.replicas', expected: 3 },
  ...[{ extraArgs: ['--leader-elect=false'] }, { rbac: { create: false } }, { image: { repository: 'bitnami/x' } }].map(
    (values): Effect => ({ values, kind: 'Deployment', path: 'spec.replicas', expected: 1 }),
  ),
  { values: { rbac: { create: false }, replicaCount: 2 }, kind: 'Deployment', path: 'spec.replicas', expected: 2 },
  { values: { replicaCount: null }, kind: 'Deployment', path: 'spec.replicas', expected: 2 },
  { values: {}, kind: 'PodDisruptionBudget', path: 'spec.minAvailable', expected: 1 },
  pod({ replicaCount: 2 }, 'topologySpreadConstraints.0.topologyKey', 'kubernetes.io/hostname'),
  pod({ replicaCount: 2, affinity: { podAffinity: {} } }, 'topologySpreadConstraints', undefined),
  { values: { revisionHistoryLimit: 3 }, kind: 'Deployment', path: 'spec.revisionHistoryLimit', expected: 3 },
  container({ command: ['sh', '{{ .Release.Name }}'] }, 'command', ['sh', 'sealed-secrets']),
  container({ args: ['--{{ .Release.Name }}'] }, 'args', ['--sealed-secrets']),
  container({ extraArgs: ['--drift-policy=warn'] }, 'args.7', '--drift-policy=warn'),
  container({ livenessProbe: { enabled: true, ...PROBE } }, 'livenessProbe', HTTP('/healthz')),
  container({ readinessProbe: { enabled: true, ...PROBE } }, 'readinessProbe', HTTP('/readyz')),
  container({ startupProbe: { enabled: true, ...PROBE } }, 'startupProbe', HTTP('/healthz')),
  container({ livenessProbe: { enabled: false }, customLivenessProbe: EXEC }, 'livenessProbe', EXEC),
  container({ readinessProbe: { enabled: false }, customReadinessProbe: EXEC }, 'readinessProbe', EXEC),
  container({ customStartupProbe: EXEC }, 'startupProbe', EXEC),
  container({ livenessProbe: { enabled: false } }, 'livenessProbe', undefined),
  container({ resources: { requests: { cpu: '1' } } }, 'resources.requests', { cpu: '1', memory: '128Mi' }),
  container({ resources: { limits: { memory: '1Gi' } } }, 'resources.limits.memory', '1Gi'),
  container({ resources: { requests: { memory: '1Gi' } } }, 'resources.requests.memory', '1Gi'),
  pod({ podSecurityContext: { enabled: false } }, 'securityContext', undefined),
  pod({ podSecurityContext: { fsGroup: 7, seccompProfile: { type: 'Unconfined' } } }, 'securityContext', {
    fsGroup: 7,
    seccompProfile: { type: 'Unconfined' },
  }),
  container({ containerSecurityContext: { enabled: false } }, 'securityContext', undefined),
  container(
    {
      containerSecurityContext: {
        readOnlyRootFilesystem: false,
        runAsNonRoot: false,
        runAsUser: 7,
        allowPrivilegeEscalation: true,
        capabilities: { drop: [] },
      },
    },
    'securityContext',
    {
      readOnlyRootFilesystem: false,
      runAsNonRoot: false,
      runAsUser: 7,
      allowPrivilegeEscalation: true,
      capabilities: { drop: [] },
    },
  ),
  pod({ hostUsers: false }, 'hostUsers', false),
  { values: { podLabels: team }, kind: 'Deployment', path: 'spec.template.metadata.labels.team', expected: 'blue' },
  {
    values: { podLabels: { 'app.kubernetes.io/name': 'x' } },
    kind: 'Deployment',
    path: 'spec.template.metadata.labels',
    expected: { 'app.kubernetes.io/name': 'sealed-secrets', 'app.kubernetes.io/instance': 'sealed-secrets' },
  },
  { values: { podAnnotations: team }, kind: 'Deployment', path: 'spec.template.metadata.annotations', expected: team },
  pod({ priorityClassName: 'high' }, 'priorityClassName', 'high'),
  pod({ runtimeClassName: 'gvisor' }, 'runtimeClassName', 'gvisor'),
  pod({ affinity: { podAffinity: {} } }, 'affinity', { podAffinity: {} }),
  pod({ nodeSelector: team }, 'nodeSelector', team),
  pod({ tolerations: [{ key: 'a' }] }, 'tolerations', [{ key: 'a' }]),
  pod({ additionalVolumes: [{ name: 'v', emptyDir: {} }] }, 'volumes.1', { name: 'v', emptyDir: {} }),
  container({ additionalVolumeMounts: [{ name: 'v', mountPath: '/v' }] }, 'volumeMounts.1', {
    name: 'v',
    mountPath: '/v',
  }),
  pod({ allowedSigners: { configMap: 'people' } }, 'volumes.1', { name: 'signers', configMap: { name: 'people', optional: true } }),
  container({ allowedSigners: { configMap: 'people' } }, 'volumeMounts.1', {
    name: 'signers',
    mountPath: '/etc/sealed-secrets/signers',
    readOnly: true,
  }),
  pod({ hostNetwork: true }, 'hostNetwork', true),
  container({ hostNetwork: true }, 'ports.0', { name: 'http', containerPort: 8080, hostPort: 8080 }),
  container({ containerPorts: { http: 80, metrics: 81 } }, 'ports', [
    { name: 'http', containerPort: 80 },
    { name: 'metrics', containerPort: 81 },
  ]),
  container({ hostPorts: { http: 80, metrics: 81 } }, 'ports', [
    { name: 'http', containerPort: 8080, hostPort: 80 },
    { name: 'metrics', containerPort: 8081, hostPort: 81 },
  ]),
  pod({ automountServiceAccountToken: true }, 'automountServiceAccountToken', true),
  pod({ automountServiceAccountToken: false }, 'automountServiceAccountToken', true),
  pod({ automountServiceAccountToken: false, additionalVolumeMounts: [{ name: 't', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] }, 'automountServiceAccountToken', false),
  pod({ serviceAccount: { automountServiceAccountToken: false } }, 'automountServiceAccountToken', true),
  { values: { serviceAccount: { automountServiceAccountToken: false } }, kind: 'ServiceAccount', path: 'automountServiceAccountToken', expected: false },
  { values: { replicaCount: '3' }, kind: 'Deployment', path: 'spec.replicas', expected: 3 },
  { values: { replicaCount: '08' }, kind: 'Deployment', path: 'spec.replicas', expected: 8 },
  container({ livenessProbe: { periodSeconds: '7' } }, 'livenessProbe.periodSeconds', 7),
  pod({ hostUsers: 'false' }, 'hostUsers', false),
  pod({ dnsPolicy: 'Default' }, 'dnsPolicy', 'Default'),
  { values: { pdb: { create: true, minAvailable: '50%' } }, kind: 'PodDisruptionBudget', path: 'spec.minAvailable', expected: '50%' },
  { values: { pdb: { create: true, maxUnavailable: 0 } }, kind: 'PodDisruptionBudget', path: 'spec.maxUnavailable', expected: 0 },
  { values: { pdb: { create: true, maxUnavailable: 1 } }, kind: 'PodDisruptionBudget', path: 'spec.minAvailable', expected: undefined },
];

const on = (values: Values): Values => ({ ingress: { enabled: true, ...values } });
const ingress = (values: Values, path: string, expected: unknown): Effect => ({
  values: on(values),
  kind: 'Ingress',
  path,
  expected,
});
const egress = (values: Values, expected: unknown): Effect => ({
  values: { networkPolicy: { enabled: true, egress: { enabled: true, ...values } } },
  kind: 'NetworkPolicy',
  path: 'spec.egress',
  expected,
});
const service = (values: Values, path: string, expected: unknown): Effect => ({
  values: { service: values },
  kind: 'Service',
  path,
  expected,
});
const metricsService = (values: Values, path: string, expected: unknown): Effect => ({
  values: { metrics: { service: values } },
  kind: 'Service',
  name: '-metrics',
  path,
  expected,
});
const CERT_PATH = {
  path: '/v1/cert.pem',
  pathType: 'Exact',
  backend: { service: { name: 'sealed-secrets', port: { name: 'http' } } },
};
// biome-ignore format: one row per value
const NETWORK: readonly Effect[] = [
  ...[service, metricsService].flatMap((of) => [
    of({ type: 'LoadBalancer', loadBalancerClass: 'x' }, 'spec.loadBalancerClass', 'x'),
    of({ port: 80 }, 'spec.ports.0.port', 80),
    of({ type: 'NodePort', nodePort: 30080 }, 'spec.ports.0.nodePort', 30080),
    of({ nodePort: 30080 }, 'spec.ports.0.nodePort', undefined),
    of({ annotations: team }, 'metadata.annotations', team),
    of({ labels: team }, 'metadata.labels.team', 'blue'),
  ]),
  ingress({}, 'spec.rules', [{ host: 'sealed-secrets.local', http: { paths: [CERT_PATH] } }]),
  ingress({ apiVersion: 'networking.k8s.io/v1' }, 'apiVersion', 'networking.k8s.io/v1'),
  ingress({ ingressClassName: 'nginx' }, 'spec.ingressClassName', 'nginx'),
  ingress({ hostname: 'a.test' }, 'spec.rules.0.host', 'a.test'),
  ingress({ path: '/x' }, 'spec.rules.0.http.paths.0.path', '/x'),
  ingress({ pathType: 'Prefix' }, 'spec.rules.0.http.paths.0.pathType', 'Prefix'),
  ingress({ annotations: team }, 'metadata.annotations', team),
  ingress({ tls: true }, 'spec.tls', [{ hosts: ['sealed-secrets.local'], secretName: 'sealed-secrets.local-tls' }]),
  ingress({ extraHosts: [{ name: 'b.test' }] }, 'spec.rules.1', { host: 'b.test', http: { paths: [CERT_PATH] } }),
  ingress({ hostname: '', extraHosts: [{ name: 'b.test', path: '/x', pathType: 'Prefix' }] }, 'spec.rules', [{ host: 'b.test', http: { paths: [{ ...CERT_PATH, path: '/x', pathType: 'Prefix' }] } }]),
  ingress({ extraPaths: [{ path: '/y' }] }, 'spec.rules.0.http.paths', [{ path: '/y' }, CERT_PATH]),
  ingress({ extraTls: [{ secretName: '{{ .Release.Name }}-tls' }] }, 'spec.tls', [{ secretName: 'sealed-secrets-tls' }]),
  { values: on({ tls: true, selfSigned: true }), kind: 'Secret', path: 'metadata.name', expected: 'sealed-secrets.local-tls' },
  { values: on({ secrets: [{ name: 'mine', key: 'k', certificate: 'c' }] }), kind: 'Secret', path: 'data', expected: { 'tls.key': 'aw==', 'tls.crt': 'Yw==' } },
  { values: { networkPolicy: { enabled: true } }, kind: 'NetworkPolicy', path: 'spec', expected: { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'sealed-secrets', 'app.kubernetes.io/instance': 'sealed-secrets' } }, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 'http' }, { port: 'metrics' }] }] } },
  { values: { networkPolicy: { enabled: true, metrics: { from: [{ namespaceSelector: { matchLabels: { team: 'watch' } } }] } } }, kind: 'NetworkPolicy', path: 'spec.ingress', expected: [{ ports: [{ port: 'http' }] }, { from: [{ namespaceSelector: { matchLabels: { team: 'watch' } } }], ports: [{ port: 'metrics' }] }] },
  egress({}, [{ ports: [{ protocol: 'TCP', port: 443 }, { protocol: 'TCP', port: 6443 }] }]),
  egress({ kubeapiPort: 7443 }, [{ ports: [{ protocol: 'TCP', port: 7443 }] }]),
  egress({ kubeapiCidr: '10.0.0.1/32' }, [{ to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ protocol: 'TCP' }] }]),
  egress({ kubeapiCidr: '10.0.0.1/32', kubeapiPort: 6443 }, [{ to: [{ ipBlock: { cidr: '10.0.0.1/32' } }], ports: [{ protocol: 'TCP', port: 6443 }] }]),
];

const rbac = (values: Values, kind: string, path: string, expected: unknown): Effect => ({
  values: { rbac: values },
  kind,
  path,
  expected,
});
// biome-ignore format: one row per value
const RIGHTS: readonly Effect[] = [
  { ...rbac({ aggregate: true }, 'ClusterRole', 'metadata.name', 'sealed-secrets-view'), name: '-view' },
  { values: { serviceAccount: { name: 'me' } }, kind: 'Deployment', path: 'spec.template.spec.serviceAccountName', expected: 'me' },
  { values: { serviceAccount: { create: false } }, kind: 'ClusterRoleBinding', path: 'subjects.0.name', expected: 'default' },
  labels({ serviceAccount: { labels: team } }, 'ServiceAccount'),
  annotations({ serviceAccount: { annotations: team } }, 'ServiceAccount'),
  rbac({ clusterRoleName: 'mine' }, 'ClusterRole', 'metadata.name', 'mine'),
  rbac({ clusterRole: false, clusterRoleName: 'mine' }, 'ClusterRoleBinding', 'roleRef.name', 'mine'),
  { values: { rbac: { namespacedRoles: true, namespacedRolesName: 'mine' } }, kind: 'Role', name: 'mine', path: 'metadata.namespace', expected: 'kube-system' },
  ...['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map((kind) => labels({ rbac: { labels: team } }, kind)),
  { values: { rbac: { serviceProxier: { subjects: '- {kind: User, name: "{{ .Release.Name }}"}' } } }, kind: 'RoleBinding', name: '-proxier', path: 'subjects', expected: [{ kind: 'User', name: 'sealed-secrets' }] },
  { values: { rbac: { serviceProxier: { subjects: [{ kind: 'User', name: 'me' }] } } }, kind: 'RoleBinding', name: '-proxier', path: 'subjects', expected: [{ kind: 'User', name: 'me' }] },
];

/** Every value that changes an object, and how. */
export const EFFECTS: readonly Effect[] = [...NAMES, ...POD, ...NETWORK, ...METRICS, ...RIGHTS];
