import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { KEY_SELECTOR, storeKey, testKey } from '../support/cluster/key-secret.ts';
import { at, type Deployment, template, type Values } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { EVERYTHING } from './upstream-users.ts';

const context = useChart();

const deploymentOf = (namespace: string) => {
  const metadata = { name: 'sealed-secrets', namespace };
  return context.chart.live({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
  }) as Promise<ApiObject> as Promise<Deployment>;
};
const argsOf = async (namespace: string) =>
  (await deploymentOf(namespace)).spec.template.spec.containers[0]?.args;
const podOf = ({ spec: { template: pod } }: Deployment, namespace: string): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  ...pod,
  metadata: { ...pod.metadata, name: 'trial', namespace },
});

describe('a release where Pod Security restricted is enforced', () => {
  it('installs with everything switched on, and its Pod is admitted', async () => {
    const { chart } = context;
    const namespace = await chart.restrictedNamespace();
    await chart.release(namespace, EVERYTHING);
    const { objects } = await template(EVERYTHING, { namespace });
    await Promise.all(objects.map((object) => chart.live(object)));
    expect(await chart.judge(podOf(await deploymentOf(namespace), namespace))).toMatchObject({ code: 201 });
  });

  it.each<Values>([
    { containerSecurityContext: { enabled: false } },
    { podSecurityContext: { seccompProfile: null } },
    { containerSecurityContext: { allowPrivilegeEscalation: true } },
    { hostNetwork: true },
  ])('has a Pod that is refused with %j, so the enforcement is real', async (values) => {
    const { chart } = context;
    const namespace = await chart.restrictedNamespace();
    const { deployment } = await template(values, { namespace });
    const { code, text } = await chart.judge(podOf(deployment, namespace));
    expect({ code, text }).toEqual({ code: 403, text: expect.stringContaining('violates PodSecurity') });
  });
});

describe('the life of a release', () => {
  it('goes from install over upgrade and rollback to uninstall, and never touches sealing keys or SealedSecrets', async () => {
    const { chart } = context;
    const namespace = await chart.restrictedNamespace();
    await chart.release(namespace, {});
    await storeKey(chart.client, namespace, { key: await testKey('a', 10), name: 'sealed-secrets-keyabcde' });
    await chart.client.create(
      `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`,
      sealedSecret(namespace),
    );
    const kept = () =>
      Promise.all([
        listNames(`api/v1/namespaces/${namespace}/secrets?labelSelector=${KEY_SELECTOR}`),
        listNames(`apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`),
      ]);
    const budgets = () => listNames(`apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`);
    const first = await argsOf(namespace);
    expect(await budgets()).toEqual(['sealed-secrets']);

    const keyWrapper = { name: 'exec:/wrap' };
    await chart.release(namespace, {
      ...{ keyrenewperiod: '1h', skipRecreate: true, pdb: { create: false }, keyWrapper },
    });
    expect(await argsOf(namespace)).toEqual(
      expect.arrayContaining(['--skip-recreate', '--key-renew-period', '1h', '--key-wrapper', 'exec:/wrap']),
    );
    expect(await budgets()).toEqual([]);
    expect(await kept()).toEqual([['sealed-secrets-keyabcde'], ['db']]);

    await chart.helm(['rollback', 'sealed-secrets', '1', '--namespace', namespace]);
    expect(await argsOf(namespace)).toEqual(first);
    expect(await budgets()).toEqual(['sealed-secrets']);

    await chart.uninstall(namespace);
    expect(await kept()).toEqual([['sealed-secrets-keyabcde'], ['db']]);
    for (const path of [
      'api/v1/NS/services',
      'apis/apps/v1/NS/deployments',
      'apis/policy/v1/NS/poddisruptionbudgets',
      'api/v1/NS/serviceaccounts',
      'apis/rbac.authorization.k8s.io/v1/NS/roles',
    ])
      expect(await listNames(path.replace('NS', `namespaces/${namespace}`))).toEqual([]);
    const definitions = await listNames('apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    expect(definitions).toContain('sealedsecrets.bitnami.com');
  });

  it('keeps the self-signed certificate of the ingress over upgrades', async () => {
    const { chart } = context;
    const namespace = await chart.namespace();
    const ingress = { enabled: true, tls: true, selfSigned: true };
    const certificate = async () =>
      at(
        await chart.live({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'sealed-secrets.local-tls', namespace },
        }),
        'data',
      );
    await chart.release(namespace, { ingress });
    const before = await certificate();
    await chart.release(namespace, { ingress, logFormat: 'json' });
    expect(before).toMatchObject({
      'tls.crt': expect.any(String),
      'tls.key': expect.any(String),
      'ca.crt': expect.any(String),
    });
    expect(await certificate()).toEqual(before);
  });

  it('lets the Pod reach the API server alone, where the cluster says it is', async () => {
    const { chart } = context;
    await chart.client.patch(
      '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes?fieldManager=t',
      'apply',
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'kubernetes' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['10.1.2.3'] }, { addresses: ['10.1.2.4'] }],
        ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
      },
    );
    const namespace = await chart.namespace();
    await chart.release(namespace, { networkPolicy: { enabled: true, egress: { enabled: true } } });
    const policy = await chart.live({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'sealed-secrets', namespace },
    });
    expect(at(policy, 'spec.egress')).toEqual([
      {
        to: [{ ipBlock: { cidr: '10.1.2.3/32' } }, { ipBlock: { cidr: '10.1.2.4/32' } }],
        ports: [{ protocol: 'TCP', port: 6443 }],
      },
    ]);
  });

  it('tells the kubeseal command line that finds it, and warns of values that will not do', async () => {
    const { chart } = context;
    const namespace = await chart.namespace();
    const notes = await chart.release(namespace, {});
    expect(notes).toContain(`--controller-name sealed-secrets --controller-namespace ${namespace}`);
    expect(notes.match(/WARNING: .*/g)).toEqual([
      'WARNING: localhost/fuin/sealed-secrets-controller:0.1.0 is on no registry. The Pods start once that image',
    ]);
    expect(notes).toContain('kubectl create secret generic db -n NAMESPACE');
    const mirrored = await chart.release(namespace, { image: { registry: 'mirror.test' } });
    expect(mirrored).not.toContain('WARNING');
    const pinned = await chart.release(namespace, {
      image: { repository: 'bitnami/sealed-secrets-controller' },
    });
    expect(pinned).toContain('WARNING: image.repository');
    const tight = await chart.release(namespace, { resources: { limits: { memory: '128Mi' } } });
    expect(tight).toContain('WARNING: resources.limits.memory is 128Mi');
    const open = await chart.release(namespace, { ingress: { enabled: true, path: '/' } });
    expect(open).toContain('WARNING: ingress.path is /');
  });
});

async function listNames(path: string): Promise<string[]> {
  const { items } = await context.chart.client.list(`/${path}`);
  return items.map(({ metadata }) => String(metadata.name));
}

function sealedSecret(namespace: string): ApiObject {
  return {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace },
    spec: { encryptedData: { password: 'AgA=' } },
  };
}
