import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { eventually } from '../support/time/eventually.ts';
import { tryTemplate, type Values } from '../support/tools/helm.ts';
import { useChart } from './chart.ts';
import { type Finding, kubeconform, type Swagger, writeSchemas } from './kubeconform.ts';
import { USERS } from './upstream-users.ts';
import { EFFECTS } from './values-effects.ts';
import { WITHOUT } from './values-lists.ts';

const DEPLOY = join(import.meta.dirname, '..', '..', 'deploy');
const DEFINED = [
  'com.bitnami.v1alpha1.SealedSecret',
  'com.coreos.monitoring.v1.ServiceMonitor',
  'com.coreos.monitoring.v1.PrometheusRule',
];
const EVERYTHING: Values = {
  additionalNamespaces: ['blue'],
  rbac: { namespacedRoles: true },
  ingress: { enabled: true, tls: true, selfSigned: true },
  networkPolicy: { enabled: true, egress: { enabled: true } },
  metrics: {
    serviceMonitor: { enabled: true },
    prometheusRule: { enabled: true },
    dashboards: { create: true },
  },
};
/** Values that hold a piece of an object, which is a whole one only in the hands of users. */
const isPiece = (values: Values) => /"extraPaths"|"extraDeploy"/.test(JSON.stringify(values));
const ALL = [...USERS, ...WITHOUT, ...EFFECTS]
  .map(({ values }) => values)
  .filter((values) => !isPiece(values));
const COMBINATIONS = [
  ...new Map([EVERYTHING, ...ALL].map((values) => [JSON.stringify(values), values])).values(),
];

const context = useChart();
let directory: string;
const inside = (...path: readonly string[]) => join(directory, ...path);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-kubeconform-'));
  for (const name of ['schemas', 'chart', 'plain', 'wrong']) await mkdir(inside(name));
  // the server takes definitions in its own time
  const swagger = await eventually('the schemas of every definition', async () => {
    const answer = await context.chart.client.get('/openapi/v2');
    const definitions = answer['definitions'] as Swagger['definitions'];
    return DEFINED.every((name) => name in definitions) ? { definitions } : undefined;
  });
  await writeSchemas(swagger, inside('schemas'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const judge = (name: string) => kubeconform(inside('schemas'), inside(name));
const faults = (findings: readonly Finding[]) => findings.filter(({ status }) => status !== 'statusValid');

describe('kubeconform -strict, by the schemas of a real kube-apiserver', () => {
  it(`finds no fault in what the chart renders for ${COMBINATIONS.length} combinations of values`, async () => {
    const waiting = [...COMBINATIONS.entries()];
    const render = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const { code, stdout, stderr } = await tryTemplate(next[1]);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        // as helm wrote it: a key that comes twice is a fault
        await writeFile(inside('chart', `${next[0]}.yaml`), stdout);
      }
    };
    await Promise.all([render(), render(), render()]);
    const findings = await judge('chart');
    const told = faults(findings).map((fault) => ({
      values: COMBINATIONS[Number(basename(fault.filename, '.yaml'))],
      ...fault,
    }));
    expect(told).toEqual([]);
    expect(new Set(findings.map(({ filename }) => filename)).size).toBe(COMBINATIONS.length);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(KINDS));
  });

  it('finds none in the plain manifests', async () => {
    for (const file of ['crd.yaml', 'rbac.yaml', 'controller.yaml'])
      await copyFile(join(DEPLOY, file), inside('plain', file));
    const findings = await judge('plain');
    expect(faults(findings)).toEqual([]);
    expect(findings.map(({ kind }) => kind)).toContain('CustomResourceDefinition');
  });

  it.each([
    [
      'a field that is none',
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { prots: [] } },
    ],
    [
      'text for a number',
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { ports: [{ port: 'x' }] } },
    ],
    [
      'a field that is none, of a SealedSecret',
      {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata: { name: 'a' },
        spec: { encryptdData: {} },
      },
    ],
    ['a version that is none', { apiVersion: 'apps/v1beta1', kind: 'Deployment', metadata: { name: 'a' } }],
    [
      'a ServiceMonitor without endpoints',
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        metadata: { name: 'a' },
        spec: { selector: {} },
      },
    ],
  ])('would find %s', async (_fault, object) => {
    await writeFile(inside('wrong', 'object.yaml'), stringify(object));
    expect(faults(await judge('wrong'))).toHaveLength(1);
  });
});

/** Every kind that the chart has. */
const KINDS = [
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'Deployment',
  'Ingress',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'PrometheusRule',
  'Role',
  'RoleBinding',
  'Secret',
  'Service',
  'ServiceAccount',
  'ServiceMonitor',
];
