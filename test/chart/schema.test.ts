import { describe, expect, it } from 'vitest';
import { tryTemplate, type Values } from '../support/tools/helm.ts';

/** Values that nobody means, and what helm says about them. */
// biome-ignore format: one row per mistake
const MISTAKES: readonly { readonly values: Values; readonly says: string }[] = [
  { values: { keyrenewPeriod: '720h' }, says: "additional properties 'keyrenewPeriod' not allowed" },
  { values: { keyRenewPeriod: '720h' }, says: "at '/keyRenewPeriod': value must be 'not a value of this chart, write keyrenewperiod'" },
  { values: { dashboards: { create: true } }, says: 'write metrics.dashboards' },
  { values: { replicas: 2 }, says: 'write replicaCount' },
  { values: { image: { tag: '0.38.4' } }, says: 'image.tag is 0.38.4, but this chart is for version 0.1.0' },
  { values: { image: { tag: 'v0.27.1' } }, says: 'image.tag is v0.27.1' },
  { values: { image: { registry: 'docker.io' } }, says: 'image.registry is docker.io, but no image of this controller is published there' },
  { values: { image: { registry: 'Docker.io/' } }, says: 'image.registry is Docker.io/, but no image of this controller is published there' },
  { values: { image: { registry: null } }, says: 'image.registry is docker.io' },
  { values: { rbac: { creat: false } }, says: "at '/rbac': additional properties 'creat' not allowed" },
  { values: { metrics: { serviceMonitor: { enable: true } } }, says: "additional properties 'enable' not allowed" },
  { values: { networkPolicy: { egress: { cidr: '::/0' } } }, says: "additional properties 'cidr' not allowed" },
  { values: { networkPolicy: { metrics: { from: [{ podSelectors: {} }] } } }, says: "additional properties 'podSelectors' not allowed" },
  { values: { ingress: { extraHosts: [{ host: 'a.test' }] } }, says: "missing property 'name'" },
  { values: { service: { type: 'clusterip' } }, says: "at '/service/type': value must be one of" },
  { values: { ingress: { enabled: 'yes' } }, says: "at '/ingress/enabled': value must be one of" },
  { values: { replicaCount: 'two' }, says: "at '/replicaCount'" },
  { values: { keyttl: '30d' }, says: "at '/keyttl': '30d' does not match pattern" },
  { values: { keyrenewperiod: '-1h' }, says: "at '/keyrenewperiod'" },
  { values: { secretName: 'Sealed_Key' }, says: "at '/secretName'" },
  { values: { logLevel: 'verbose' }, says: "at '/logLevel': value must be one of" },
  { values: { logFormat: 'yaml' }, says: "at '/logFormat': value must be one of" },
  { values: { privateKeyLabels: { team: 'a,b' } }, says: "at '/privateKeyLabels/team'" },
  { values: { privateKeyLabels: { team: 5 } }, says: "at '/privateKeyLabels/team': got number, want string" },
  { values: { rateLimit: 'many' }, says: "at '/rateLimit'" },
  { values: { containerPorts: { http: 70_000 } }, says: "at '/containerPorts/http'" },
  { values: { pdb: { minAvailable: 'half' } }, says: "at '/pdb/minAvailable'" },
  { values: { additionalNamespaces: 'a;b' }, says: "at '/additionalNamespaces'" },
  { values: { requireSigner: 'yes' }, says: "at '/requireSigner'" },
  { values: { requireSigner: true }, says: "at '/requireSigner'" },
  { values: { requireSigner: 'enforce:Shop', allowedSigners: { configMap: 'people' } }, says: "at '/requireSigner'" },
  { values: { requireSigner: 'enforce:a' }, says: 'requireSigner needs allowedSigners.configMap' },
  { values: { allowedSigners: { configmap: 'people' } }, says: "additional properties 'configmap' not allowed" },
  ...[undefined, null, '', '-', '/audit.jsonl', '/tmp/audit.jsonl', '/audit/$(POD_NAME)/log.jsonl'].map((file) => (
    { values: { auditLog: { file, volume: { emptyDir: {} } } }, says: 'auditLog.volume needs auditLog.file: a file in a directory of its own' }
  )),
  { values: { ingress: { apiVersion: 'extensions/v1beta1' } }, says: "at '/ingress/apiVersion'" },
];

describe("the schema of the chart's values", () => {
  it.concurrent.each(MISTAKES)('refuses $values', async ({ values, says }) => {
    const { code, stderr } = await tryTemplate(values);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(says) });
  });

  it('lets null take a default away, as Helm does', async () => {
    const values = {
      resources: null,
      podLabels: null,
      keyttl: null,
      image: { tag: null },
      rbac: { labels: null },
    };
    expect(await tryTemplate(values)).toMatchObject({ code: 0 });
  });
});
