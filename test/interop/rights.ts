import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { ApiClient, ApiObject } from '../support/api-client.ts';
import { applyObject } from '../support/apply.ts';
import type { ObjectKey } from '../support/cluster.ts';

const RBAC_FILE = new URL('../../deploy/rbac.yaml', import.meta.url);
const DEPLOYED = { namespace: 'kube-system', name: 'sealed-secrets-controller' };

/**
 * Grants what deploy/rbac.yaml grants, to a service account and in a namespace of one's own, so that several controllers can share
 * one cluster.
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
