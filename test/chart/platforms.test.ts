import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { at, CHART, helm, parseManifest } from '../support/tools/helm.ts';

const render = async (args: readonly string[]) => {
  const { code, stdout, stderr } = await helm([
    'template',
    'sealed-secrets',
    CHART,
    '-n',
    'kube-system',
    ...args,
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return parseManifest(stdout);
};
const contexts = (deployment: unknown) => [
  at(deployment, 'spec.template.spec.securityContext'),
  at(deployment, 'spec.template.spec.containers.0.securityContext'),
];
const OPENSHIFT = ['--api-versions', 'security.openshift.io/v1'];
const RESTRICTED = {
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};
const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } };

describe('the chart on OpenShift', () => {
  it('leaves out the ids that restricted-v2 refuses', async () => {
    const { deployment } = await render(OPENSHIFT);
    expect(contexts(deployment)).toEqual([SECCOMP, RESTRICTED]);
  });
  it('keeps ids that the user has chosen', async () => {
    const { deployment } = await render([
      ...OPENSHIFT,
      '--set',
      'containerSecurityContext.runAsUser=1000650000',
    ]);
    expect(contexts(deployment)).toEqual([SECCOMP, { ...RESTRICTED, runAsUser: 1_000_650_000 }]);
  });
  it('has them elsewhere', async () => {
    const { deployment } = await render([]);
    expect(contexts(deployment)).toEqual([
      { ...SECCOMP, fsGroup: 65_534 },
      { ...RESTRICTED, runAsUser: 1001 },
    ]);
  });
});

describe('the chart on GKE', () => {
  const BINDING = 'RoleBinding/sealed-secrets-service-proxier';
  it.each([
    ['v1.32.1-gke.1729000', true],
    ['v1.32.2-gke.1182001', false],
    ['v1.33.0-gke.100', false],
    ['v1.32.2', true],
    ['v1.33.4-eks-ee1f8d2', true],
  ])('of version %s binds system:authenticated: %s', async (version, isBound) => {
    const manifest = await render(['--kube-version', version]);
    expect(manifest.names().includes(BINDING)).toBe(isBound);
  });
  it('binds the subjects that the user has chosen', async () => {
    const subjects = '[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"dev"}]';
    const manifest = await render([
      ...['--kube-version', 'v1.33.0-gke.100', '--set-json', `rbac.serviceProxier.subjects=${subjects}`],
    ]);
    expect(manifest.names()).toContain(BINDING);
  });
});

describe('rbac.aggregate', () => {
  it('lets viewers read SealedSecrets and editors write them, and nobody their status', async () => {
    const { objects } = await render(['--set', 'rbac.aggregate=true']);
    const aggregated = (role: string) =>
      objects
        .filter((object) =>
          Object.hasOwn(object.metadata.labels ?? {}, `rbac.authorization.k8s.io/aggregate-to-${role}`),
        )
        .flatMap((object: ApiObject) => object['rules'] as { resources: string[]; verbs: string[] }[]);
    const verbs = (role: string) => aggregated(role).flatMap((rule) => rule.verbs);
    const read = ['get', 'list', 'watch'];
    const write = ['create', 'update', 'patch', 'delete', 'deletecollection'];
    expect(verbs('view')).toEqual(read);
    expect(verbs('edit').toSorted()).toEqual([...read, ...write].toSorted());
    expect(verbs('admin').toSorted()).toEqual([...read, ...write].toSorted());
    expect(aggregated('admin').flatMap((rule) => rule.resources)).not.toContain('sealedsecrets/status');
  });
});
