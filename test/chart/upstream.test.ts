import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { at, type Manifest, template, UPSTREAM_CHART, type Values } from '../support/tools/helm.ts';
import { USERS } from './upstream-users.ts';
import { ARGUMENTS } from './values-lists.ts';

const both = async (values: Values, release?: string): Promise<readonly [Manifest, Manifest]> => {
  const target = release === undefined ? {} : { release };
  return Promise.all([template(values, target), template(values, { ...target, chart: UPSTREAM_CHART })]);
};

/** A command line by flag, so that order does not count, nor that of pairs within a value. */
function flagsOf(manifest: Manifest): Record<string, string> {
  const { args } = manifest.container;
  const flags = args.flatMap((arg, index) => {
    const value = args[index + 1];
    return arg.startsWith('--') ? [[arg, value?.startsWith('--') ? '' : String(value ?? '')]] : [];
  });
  return Object.fromEntries(
    flags.map(([flag = '', value = '']) => [flag, value.split(',').sort().join(',')]),
  );
}

/** What others hold on to, beside name, namespace and labels: selectors, ports, names of parts. */
const CONTRACT: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector', 'spec.template.metadata.labels', 'spec.template.spec.serviceAccountName'],
  Service: ['spec.selector', 'spec.type', 'metadata.annotations'],
  ClusterRoleBinding: ['roleRef'],
  RoleBinding: ['roleRef'],
  Ingress: ['spec.rules.0.host', 'spec.rules.0.http.paths.0.path', 'spec.tls', 'spec.ingressClassName'],
  ServiceMonitor: ['spec'],
  PodDisruptionBudget: ['spec'],
  NetworkPolicy: ['spec.podSelector'],
};

function contractOf(object: ApiObject): unknown {
  const { kind = '', metadata } = object;
  const { 'helm.sh/chart': _chart, 'app.kubernetes.io/version': _version, ...labels } = metadata.labels ?? {};
  const fields = (CONTRACT[kind] ?? []).map((path) => at(object, path));
  return { namespace: metadata.namespace, labels, fields, ports: kind === 'Service' ? portsOf(object) : [] };
}

const portsOf = (object: ApiObject) =>
  (at(object, 'spec.ports') as readonly Record<string, unknown>[]).map(({ nodePort = null, ...port }) => ({
    ...port,
    nodePort,
  }));

const contract = ({ objects }: Manifest) =>
  Object.fromEntries(objects.map((object) => [`${object.kind}/${object.metadata.name}`, contractOf(object)]));

describe("beside upstream's chart", () => {
  it.concurrent.each(USERS)(
    '$who finds the same objects under the same values',
    async ({ values, release }) => {
      const [ours, upstream] = await both(values, release);
      const isBudget = ({ kind }: ApiObject) => kind === 'PodDisruptionBudget' && !values['pdb'];
      expect(contract(ours.without(isBudget))).toEqual(contract(upstream));
    },
  );

  it.concurrent.each(USERS)(
    '$who gets a second replica, and a PodDisruptionBudget',
    async ({ values, release }) => {
      const [ours, upstream] = await both(values, release);
      expect([ours, upstream].map(({ deployment }) => deployment.spec.replicas)).toEqual([2, 1]);
      expect([ours, upstream].map((manifest) => manifest.has('PodDisruptionBudget'))).toEqual([
        true,
        'pdb' in values,
      ]);
    },
  );

  it.concurrent.each(USERS)('$who has the same command line', async ({ values, release }) => {
    const [ours, upstream] = await both(values, release);
    expect(flagsOf(ours)).toEqual(flagsOf(upstream));
    expect(ours.container).toMatchObject({
      name: upstream.container.name,
      command: upstream.container.command,
    });
  });

  const OURS_ALONE =
    /updateStatus|namespacedRoles|extraArgs|"(?:web|v2Keys|minFormat|expiryPolicy|keyWrapper|splitKey|requireSigner|allowedSigners|auditLog)":/;
  const shared = ARGUMENTS.filter(
    ({ values }) => !OURS_ALONE.test(JSON.stringify(values)) && values['rateLimit'] !== 2_000_000,
  );
  it.concurrent.each(shared)('$values becomes the same flags', async ({ values }) => {
    const [ours, upstream] = await both(values);
    expect(flagsOf(ours)).toEqual(flagsOf(upstream));
  });
});
