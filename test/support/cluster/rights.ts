import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ApiClient } from '../api/api-client.ts';
import { applyObject } from '../api/apply.ts';
import type { ApiObject, ObjectKey } from '../api/types.ts';

const RBAC_FILE = new URL('../../../deploy/rbac.yaml', import.meta.url);
const DEPLOYED = { namespace: 'kube-system', name: 'sealed-secrets-controller' };
const RBAC_GROUP = 'rbac.authorization.k8s.io';

/**
 * What upstream's chart v0.27 lets its controller do in every namespace: ClusterRole secrets-unsealer, and
 * the last rule for --additional-namespaces.
 */
const UNSEALER_RULES = [
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['bitnami.com'], resources: ['sealedsecrets/status'], verbs: ['update'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'create', 'update', 'delete', 'watch'] },
  { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
];

/** What it lets it do in its own namespace (Role sealed-secrets-key-admin). */
const KEY_ADMIN_RULES = [
  { apiGroups: [''], resources: ['secrets'], resourceNames: ['sealed-secrets-key'], verbs: ['get'] },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create', 'list'] },
];

/**
 * Grants what deploy/rbac.yaml grants, to a service account in a namespace of its own, so that several
 * controllers can share a cluster.
 */
export async function grantDeployedRights(client: ApiClient, account: ObjectKey): Promise<void> {
  const text = (await readFile(RBAC_FILE, 'utf8')).replaceAll(DEPLOYED.namespace, account.namespace);
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as ApiObject;
    if (object.kind === 'ServiceAccount') object.metadata.name = account.name;
    const { name, namespace } = object.metadata;
    // what several accounts of a namespace, or namespaces of a cluster, would fight for carries their names
    const suffix = namespace === undefined ? `-${account.namespace}` : '';
    if (object.kind?.endsWith('Binding')) object.metadata.name = `${name}-${account.name}${suffix}`;
    await applyObject(client, withSubject(object, account.name));
  }
}

/** Grants a service account the rights that upstream's chart grants its controller. */
export async function grantUpstreamRights(client: ApiClient, account: ObjectKey): Promise<void> {
  const { namespace, name } = account;
  const clusterWide = { name: `${namespace}-${name}-unsealer` };
  const own = { namespace, name: `${name}-key-admin` };
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    { kind: 'ClusterRole', metadata: clusterWide, rules: UNSEALER_RULES },
    bindingOf('ClusterRole', clusterWide, account),
    { kind: 'Role', metadata: own, rules: KEY_ADMIN_RULES },
    bindingOf('Role', own, account),
  ];
  for (const object of objects) await applyObject(client, { apiVersion: `${RBAC_GROUP}/v1`, ...object });
}

interface Subject {
  readonly kind: string;
  readonly name: string;
}

function withSubject(object: ApiObject, name: string): ApiObject {
  const { subjects } = object as { subjects?: readonly Subject[] };
  if (!subjects) return object;
  const renamed = subjects.map((each) => (each.kind === 'ServiceAccount' ? { ...each, name } : each));
  return { ...object, subjects: renamed };
}

function bindingOf(kind: 'ClusterRole' | 'Role', metadata: Partial<ObjectKey>, account: ObjectKey) {
  const roleRef = { apiGroup: RBAC_GROUP, kind, name: metadata.name };
  return { kind: `${kind}Binding`, metadata, roleRef, subjects: [{ kind: 'ServiceAccount', ...account }] };
}
