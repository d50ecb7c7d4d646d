import type { Values } from '../support/tools/helm.ts';

/** Somebody who runs upstream's chart, with the values file they have. */
export interface User {
  readonly who: string;
  readonly values: Values;
  readonly release?: string;
}

/** Values files of the kinds that upstream's documentation and its users' repositories show. */
export const USERS: readonly User[] = [
  { who: 'a user without values', values: {} },
  { who: 'a user with a release name of their own', values: {}, release: 'my-release' },
  {
    who: 'a user who follows the README: the name that kubeseal looks for',
    values: { fullnameOverride: 'sealed-secrets-controller' },
  },
  {
    who: 'an operator with monitoring',
    values: {
      fullnameOverride: 'sealed-secrets-controller',
      keyrenewperiod: '720h',
      commonLabels: { 'app.example.com/team': 'platform' },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
      podAnnotations: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' },
      priorityClassName: 'system-cluster-critical',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [
        { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
      ],
      metrics: {
        serviceMonitor: { enabled: true, interval: '30s', labels: { release: 'kube-prometheus-stack' } },
        dashboards: { create: true, labels: { grafana_dashboard: '1' }, namespace: 'monitoring' },
        prometheusRule: { enabled: true, labels: { release: 'kube-prometheus-stack' } },
      },
      pdb: { create: true, minAvailable: '', maxUnavailable: 1 },
    },
  },
  {
    who: 'a user who hands out the certificate',
    values: {
      ingress: {
        enabled: true,
        ingressClassName: 'nginx',
        hostname: 'seal.example.com',
        tls: true,
        annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
      },
      service: { type: 'NodePort', port: 80, nodePort: 30080, annotations: { a: 'b' }, labels: { c: 'd' } },
    },
  },
  {
    who: 'a user with few rights',
    values: {
      additionalNamespaces: ['blue', 'green'],
      rbac: { clusterRole: false, clusterRoleName: 'approved-by-security', serviceProxier: { bind: false } },
      serviceAccount: { create: false, name: 'approved' },
      skipRecreate: true,
      networkPolicy: { enabled: true },
      logFormat: 'json',
      logLevel: 'ERROR',
    },
  },
  {
    who: 'a user who keeps keys for ever and labels them',
    values: {
      keyrenewperiod: '0',
      secretName: 'my-sealing-key',
      privateKeyLabels: { backup: 'yes', team: 'platform' },
      privateKeyAnnotations: { 'replicator.v1/replicate-to': 'dr' },
      rateLimit: '10',
      rateLimitBurst: '20',
      maxRetries: 10,
    },
  },
];

/** Every object that the chart can make. */
export const EVERYTHING: Values = {
  commonLabels: { team: 'blue' },
  commonAnnotations: { team: 'blue' },
  podLabels: { team: 'blue' },
  podAnnotations: { team: 'blue' },
  startupProbe: { enabled: true },
  additionalVolumes: [{ name: 'extra', emptyDir: {} }],
  additionalVolumeMounts: [{ name: 'extra', mountPath: '/extra' }],
  tolerations: [{ key: 'a', operator: 'Exists' }],
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  pdb: { create: true },
  ingress: {
    enabled: true,
    ingressClassName: 'nginx',
    tls: true,
    selfSigned: true,
    extraHosts: [{ name: 'b.test' }],
    extraTls: [{ hosts: ['b.test'], secretName: 'b.test-tls' }],
  },
  networkPolicy: { enabled: true, egress: { enabled: true } },
  metrics: {
    serviceMonitor: { enabled: true, interval: '30s', relabelings: [{ action: 'labeldrop', regex: 'pod' }] },
    prometheusRule: { enabled: true },
    dashboards: { create: true, labels: { grafana_dashboard: '1' } },
  },
  extraDeploy: [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: '{{ .Release.Name }}-extra', namespace: '{{ .Release.Namespace }}' },
    },
  ],
};
