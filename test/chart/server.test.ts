import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderPlain } from '../../deploy/plain/render.ts';
import type { ApiObject } from '../support/api/types.ts';
import { template, type Values } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { EVERYTHING, USERS } from './upstream-users.ts';

const context = useChart();

/** What the API server says to each object, by its name, where it does not take it. */
async function complaints(objects: readonly ApiObject[]): Promise<Record<string, string>> {
  const answers = await Promise.all(objects.map((object) => context.chart.judge(object)));
  const refused = answers.flatMap(({ code, text }, index) => {
    const { kind, metadata } = objects[index] ?? { metadata: {} };
    return code === 201 || code === 409 ? [] : [[`${kind}/${metadata.name}`, `${code} ${text}`]];
  });
  return Object.fromEntries(refused);
}

const CASES: readonly { readonly who: string; readonly values: Values }[] = [
  ...USERS,
  { who: 'everything', values: EVERYTHING },
  { who: 'single namespaces', values: { additionalNamespaces: ['blue'], rbac: { namespacedRoles: true } } },
  {
    who: 'a load balancer',
    values: { service: { type: 'LoadBalancer', loadBalancerClass: 'x.test/y', nodePort: 30081 } },
  },
  { who: "the node's network", values: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } },
  { who: 'ports of the node', values: { hostPorts: { http: 8080, metrics: 8081 } } },
  {
    who: 'egress to a network',
    values: {
      networkPolicy: {
        enabled: true,
        egress: { enabled: true, kubeapiCidr: '10.0.0.0/8', kubeapiPort: '6443' },
      },
    },
  },
];

/** The server's strict validation replaces kubeconform: it has the same schemas, and more rules. */
describe('the API server, asked strictly', () => {
  it.each(CASES)('takes what the chart makes for $who', async ({ values }) => {
    await Promise.all(['monitoring', 'blue', 'green'].map(ensureNamespace));
    expect(await complaints((await template(values)).objects)).toEqual({});
  });

  it('takes the plain manifests', async () => {
    const texts = Object.values(await renderPlain());
    const objects = texts.flatMap((text) => parseAllDocuments(text).map((each) => each.toJS() as ApiObject));
    expect(objects).toHaveLength(12);
    expect(await complaints(objects)).toEqual({});
  });

  it('would say so if a field were wrong', async () => {
    const { deployment } = await template();
    const wrong = { ...deployment, spec: { ...deployment.spec, replica: 1 } };
    expect(await complaints([wrong])).toEqual({
      'Deployment/sealed-secrets': expect.stringContaining('unknown field \\"spec.replica\\"'),
    });
  });
});

async function ensureNamespace(name: string): Promise<void> {
  await context.chart.client.request('POST', '/api/v1/namespaces', {
    body: { kind: 'Namespace', metadata: { name } },
  });
}
