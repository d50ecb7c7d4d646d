import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { type Manifest, template, type Values } from '../support/tools/helm.ts';

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

const EVERYTHING = {
  sealedsecrets: 'get list watch',
  'sealedsecrets/status': 'update',
  secrets: 'get list watch create update delete',
  events: 'create patch',
};

/** What the controller may do in the namespaces it serves, by the values that it runs with. */
// biome-ignore format: one row per case
const CASES: readonly { readonly values: Values; readonly rights: Readonly<Record<string, string>> }[] = [
  { values: {}, rights: EVERYTHING },
  { values: { updateStatus: false }, rights: { ...EVERYTHING, 'sealedsecrets/status': '' } },
  { values: { skipRecreate: true }, rights: { ...EVERYTHING, secrets: 'get create update delete' } },
  { values: { extraArgs: ['--skip-recreate=true'] }, rights: { ...EVERYTHING, secrets: 'get create update delete' } },
  { values: { extraArgs: ['--old-gc-behavior'] }, rights: EVERYTHING },
  { values: { args: ['--key-prefix=x'], updateStatus: false, skipRecreate: true }, rights: EVERYTHING },
  { values: { additionalNamespaces: ['a'] }, rights: EVERYTHING },
  { values: { watchForSecrets: true, privateKeyLabels: { a: 'b' }, metrics: { serviceMonitor: { enabled: true } } }, rights: EVERYTHING },
];

function rightsOf(object: ApiObject): Record<string, string> {
  const rules = object['rules'] as readonly Rule[];
  const entries = rules.map(({ resources, verbs, resourceNames = [] }) => {
    return [[...resources, ...resourceNames].join(' '), verbs.join(' ')];
  });
  return Object.fromEntries(entries);
}

const without = (rights: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(rights).filter(([, verbs]) => verbs !== ''));

const rolesOf = (manifest: Manifest) =>
  manifest
    .names()
    .filter((name) => /^(Cluster)?Role(Binding)?\//.test(name) && !/-(key-admin|service-proxier)/.test(name));

describe('the rights of the controller', () => {
  it.concurrent.each(CASES)('with $values', async ({ values, rights }) => {
    expect(rightsOf((await template(values)).find('ClusterRole'))).toEqual(without(rights));
  });

  it.concurrent.each(CASES)('in single namespaces, with $values', async ({ values, rights }) => {
    const manifest = await template({ ...values, rbac: { namespacedRoles: true } });
    expect(manifest.has('ClusterRole') || manifest.has('ClusterRoleBinding')).toBe(false);
    expect(rightsOf(manifest.find('Role', 'secrets-unsealer'))).toEqual(without(rights));
  });

  it('are given in its own namespace and the additional ones, each once', async () => {
    const additionalNamespaces = ['a', 'kube-system', 'b', 'a'];
    expect(rolesOf(await template({ additionalNamespaces, rbac: { namespacedRoles: true } }))).toEqual([
      'Role/secrets-unsealer',
      'Role/secrets-unsealer in a',
      'Role/secrets-unsealer in b',
      'RoleBinding/sealed-secrets',
      'RoleBinding/sealed-secrets in a',
      'RoleBinding/sealed-secrets in b',
    ]);
  });

  it('can be a ClusterRole of the user', async () => {
    const rbac = { clusterRole: false, clusterRoleName: 'mine' };
    expect(rolesOf(await template({ rbac }))).toEqual(['ClusterRoleBinding/sealed-secrets']);
  });

  const KEYS = { secrets: 'list watch create', 'secrets my-key': 'get' };
  const LEASE = { leases: 'create', 'leases sealed-secrets': 'get update' };

  it('let it make and see sealing keys in its own namespace, never change or delete one, and hold its Lease', async () => {
    const manifest = await template({ secretName: 'my-key' });
    expect(rightsOf(manifest.find('Role', '-key-admin'))).toEqual({ ...KEYS, ...LEASE });
    const name = 'SEALED_SECRETS_LEADER_ELECT_RESOURCE_NAME';
    expect(manifest.container['env']).toContainEqual({ name, value: 'sealed-secrets' });
  });

  it.concurrent.each(['--leader-elect=false', '--leader-elect=F', '--leader-elect=0'])(
    'know no Lease with %s, which several replicas cannot do without',
    async (flag) => {
      const extraArgs = ['--leader-elect', flag];
      const manifest = await template({ secretName: 'my-key', extraArgs });
      expect(rightsOf(manifest.find('Role', '-key-admin'))).toEqual(KEYS);
      await expect(template({ extraArgs, replicaCount: 2 })).rejects.toThrow('needs leader election');
    },
  );
});

describe('the rights of users of kubeseal', () => {
  it("end at the controller's Service", async () => {
    expect(rightsOf((await template()).find('Role', '-service-proxier'))).toEqual({
      'services sealed-secrets': 'get',
      'services/proxy http:sealed-secrets: http:sealed-secrets:http sealed-secrets': 'get create',
    });
  });
});
