import type { Values } from '../support/tools/helm.ts';

/** Values that take objects away, and which. */
// biome-ignore format: one row per value
export const WITHOUT: readonly { readonly values: Values; readonly gone: readonly string[] }[] = [
  { values: { createController: false }, gone: ['Service/sealed-secrets', 'Service/sealed-secrets-metrics', 'Deployment/sealed-secrets', 'PodDisruptionBudget/sealed-secrets'] },
  { values: { createController: 'false' }, gone: ['Service/sealed-secrets', 'Service/sealed-secrets-metrics', 'Deployment/sealed-secrets', 'PodDisruptionBudget/sealed-secrets'] },
  { values: { pdb: { create: 'false' } }, gone: ['PodDisruptionBudget/sealed-secrets'] },
  { values: { pdb: { create: false } }, gone: ['PodDisruptionBudget/sealed-secrets'] },
  { values: { replicaCount: 1 }, gone: ['PodDisruptionBudget/sealed-secrets'] },
  { values: { extraArgs: ['--leader-elect=false'] }, gone: ['PodDisruptionBudget/sealed-secrets'] },
  { values: { serviceAccount: { create: false } }, gone: ['ServiceAccount/sealed-secrets'] },
  { values: { rbac: { clusterRole: false } }, gone: ['ClusterRole/secrets-unsealer'] },
  { values: { rbac: { serviceProxier: { bind: false } } }, gone: ['RoleBinding/sealed-secrets-service-proxier'] },
  { values: { rbac: { serviceProxier: { create: false } } }, gone: ['Role/sealed-secrets-service-proxier', 'RoleBinding/sealed-secrets-service-proxier'] },
  { values: { rbac: { create: false } }, gone: ['PodDisruptionBudget/sealed-secrets', 'ClusterRole/secrets-unsealer', 'ClusterRoleBinding/sealed-secrets', 'Role/sealed-secrets-key-admin', 'Role/sealed-secrets-service-proxier', 'RoleBinding/sealed-secrets-key-admin', 'RoleBinding/sealed-secrets-service-proxier'] },
];

/** Values that turn into arguments of the controller: what stands in its command line, side by side. */
// biome-ignore format: one row per value
export const ARGUMENTS: readonly { readonly values: Values; readonly args: readonly string[] }[] = [
  { values: {}, args: ['--update-status', '--key-prefix', 'sealed-secrets-key', '--listen-addr', ':8080', '--listen-metrics-addr', ':8081'] },
  { values: { updateStatus: false }, args: ['--update-status=false'] },
  { values: { updateStatus: 'false' }, args: ['--update-status=false'] },
  { values: { updateStatus: 'true' }, args: ['--update-status'] },
  { values: { skipRecreate: true }, args: ['--skip-recreate'] },
  { values: { logInfoStdout: true }, args: ['--log-info-stdout'] },
  { values: { watchForSecrets: true }, args: ['--watch-for-secrets'] },
  { values: { web: true }, args: ['--web'] },
  { values: { secretName: 'my-key' }, args: ['--key-prefix', 'my-key'] },
  { values: { keyrenewperiod: '240h' }, args: ['--key-renew-period', '240h'] },
  { values: { keyrenewperiod: 0 }, args: ['--key-renew-period', '0'] },
  { values: { keyrenewperiod: '0' }, args: ['--key-renew-period', '0'] },
  { values: { keyttl: '87600h0m0s' }, args: ['--key-ttl', '87600h0m0s'] },
  { values: { keycutofftime: 'Mon, 02 Jan 2006 15:04:05 -0700' }, args: ['--key-cutoff-time', 'Mon, 02 Jan 2006 15:04:05 -0700'] },
  { values: { rateLimit: 2_000_000 }, args: ['--rate-limit', '2000000'] },
  { values: { rateLimitBurst: '7' }, args: ['--rate-limit-burst', '7'] },
  { values: { additionalNamespaces: ['a', 'b'] }, args: ['--additional-namespaces', 'a,b'] },
  { values: { additionalNamespaces: 'a' }, args: ['--additional-namespaces', 'a'] },
  { values: { additionalNamespaces: 'a,b' }, args: ['--additional-namespaces', 'a,b'] },
  { values: { privateKeyAnnotations: { b: 'c=d', a: 'e f' } }, args: ['--privatekey-annotations', 'a=e f,b=c=d'] },
  { values: { privateKeyLabels: { team: 'blue' } }, args: ['--privatekey-labels', 'team=blue'] },
  { values: { logLevel: 'DEBUG' }, args: ['--log-level', 'DEBUG'] },
  { values: { logFormat: 'json' }, args: ['--log-format', 'json'] },
  { values: { maxRetries: 3 }, args: ['--max-unseal-retries', '3'] },
  { values: { kubeClientQPS: 2.5 }, args: ['--kubeclient-qps', '2.5'] },
  { values: { kubeClientBurst: 40 }, args: ['--kubeclient-burst', '40'] },
  { values: { keyWrapper: { name: 'vault:transit/seal' } }, args: ['--key-wrapper', 'vault:transit/seal'] },
  { values: { keyWrapper: { name: 'azure-kv:https://shop-prod.vault.azure.net/keys/seal' } }, args: ['--key-wrapper', 'azure-kv:https://shop-prod.vault.azure.net/keys/seal'] },
  { values: { v2Keys: true }, args: ['--v2-keys'] },
  { values: { v2Keys: 'true' }, args: ['--v2-keys'] },
  { values: { splitKey: 'aws-kms:arn:aws:kms:eu-central-1:111122223333:key/k' }, args: ['--split-key', 'aws-kms:arn:aws:kms:eu-central-1:111122223333:key/k'] },
  { values: { minFormat: 'v2:a,b' }, args: ['--min-format', 'v2:a,b'] },
  { values: { expiryPolicy: 'refuse' }, args: ['--expiry-policy', 'refuse'] },
  { values: { requireSigner: 'enforce:a,b;warn', allowedSigners: { configMap: 'people' } }, args: ['--require-signer', 'enforce:a,b;warn', '--allowed-signers', '/etc/sealed-secrets/signers/allowed_signers'] },
  { values: { requireSigner: 'warn', allowedSigners: { configMap: 'people', key: 'sealers' } }, args: ['--require-signer', 'warn', '--allowed-signers', '/etc/sealed-secrets/signers/sealers'] },
  { values: { requireSigner: false }, args: ['--update-status', '--key-prefix', 'sealed-secrets-key', '--listen-addr', ':8080'] },
  { values: { auditLog: { file: '-' } }, args: ['--audit-log', '-'] },
  { values: { auditLog: { file: '/audit/$(POD_NAME).jsonl', onFailure: 'refuse' } }, args: ['--audit-log', '/audit/$(POD_NAME).jsonl', '--audit-failure', 'refuse'] },
  { values: { containerPorts: { http: 80, metrics: '81' } }, args: ['--listen-addr', ':80', '--listen-metrics-addr', ':81'] },
  { values: { rbac: { namespacedRoles: true } }, args: ['--all-namespaces=false'] },
  { values: { extraArgs: ['--drift-policy=warn', '--concurrency', '2'] }, args: ['--drift-policy=warn', '--concurrency', '2'] },
];

/** Values that are there for upstream's users only. */
export const NO_EFFECT: readonly { readonly values: Values }[] = [
  { values: { kubeVersion: '1.20.0' } },
  { values: { rbac: { pspEnabled: true } } },
  { values: { crds: { upgrade: true } } }, // at an installation: Helm itself brings the definition
  { values: { global: { imageRegistry: 'x' }, enabled: true } },
];
