import type { ObjectKey } from '../support/cluster.ts';
import type { ApiClient, KubeObject } from './api-client.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const RBAC = `/apis/${RBAC_GROUP}/v1`;

/** What upstream's chart v0.27 lets its controller do in every namespace (ClusterRole secrets-unsealer). */
const UNSEALER_RULES = [
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets/status'], verbs: ['update'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'update', 'delete', 'watch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
];

/** What it lets it do in its own namespace (Role sealed-secrets-key-admin). */
const KEY_ADMIN_RULES = [
  { apiGroups: [''], resources: ['secrets'], resourceNames: ['sealed-secrets-key'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'list'] },
];

/** Grants a service account the rights that upstream's chart grants its controller. */
export async function grantUpstreamRights(admin: ApiClient, account: ObjectKey): Promise<void> {
  const { namespace, name } = account;
  const unsealer = `${namespace}-${name}-unsealer`; // cluster-wide, so it carries the namespace
  await admin.apply(
    `${RBAC}/clusterroles/${unsealer}`,
    role('ClusterRole', { name: unsealer }, UNSEALER_RULES),
  );
  await admin.apply(
    `${RBAC}/clusterrolebindings/${unsealer}`,
    binding('ClusterRole', { name: unsealer }, account),
  );
  const keyAdmin = { namespace, name: `${name}-key-admin` };
  const own = `${RBAC}/namespaces/${namespace}`;
  await admin.apply(`${own}/roles/${keyAdmin.name}`, role('Role', keyAdmin, KEY_ADMIN_RULES));
  await admin.apply(`${own}/rolebindings/${keyAdmin.name}`, binding('Role', keyAdmin, account));
}

type Metadata = NonNullable<KubeObject['metadata']>;

function role(kind: 'ClusterRole' | 'Role', metadata: Metadata, rules: readonly unknown[]): KubeObject {
  return { apiVersion: `${RBAC_GROUP}/v1`, kind, metadata, rules };
}

function binding(kind: 'ClusterRole' | 'Role', metadata: Metadata, account: ObjectKey): KubeObject {
  return {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: RBAC_GROUP, kind, name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
  };
}
