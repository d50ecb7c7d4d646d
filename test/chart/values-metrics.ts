import type { Values } from '../support/tools/helm.ts';
import { annotations, type Effect, labels, team } from './effect.ts';

const monitor = (values: Values): Values => ({ metrics: { serviceMonitor: { enabled: true, ...values } } });
const rule = (values: Values): Values => ({ metrics: { prometheusRule: { enabled: true, ...values } } });
const dashboards = (values: Values): Values => ({ metrics: { dashboards: { create: true, ...values } } });
const endpoint = (values: Values): Effect => ({
  values: monitor(values),
  kind: 'ServiceMonitor',
  path: 'spec.endpoints.0',
  expected: { port: 'metrics', honorLabels: true, ...values },
});
const URL = 'https://wiki.test/alerts';
const OWN = { alert: 'Own', annotations: { runbook_url: 'https://own.test' } };
const RULES = [{ record: 'r' }, OWN, { alert: 'KeyLost' }].map((each) => ({ ...each, expr: '1' }));
const GROUPS = [{ name: 'mine', rules: RULES }];
const WITH_RUNBOOKS = [...RULES.slice(0, 2), { ...RULES[2], annotations: { runbook_url: `${URL}#keylost` } }];
/** Values about metrics, alerts and dashboards, and what each changes. */
// biome-ignore format: one row per value
export const METRICS: readonly Effect[] = [
  { values: monitor({ namespace: 'mon' }), kind: 'ServiceMonitor', path: 'metadata.namespace', expected: 'mon' },
  { values: monitor({}), kind: 'ServiceMonitor', path: 'spec.namespaceSelector.matchNames', expected: ['kube-system'] },
  { values: monitor({ honorLabels: false }), kind: 'ServiceMonitor', path: 'spec.endpoints', expected: [{ port: 'metrics' }] },
  labels(monitor({ labels: team }), 'ServiceMonitor'),
  annotations(monitor({ annotations: team }), 'ServiceMonitor'),
  endpoint({ interval: '10s', scrapeTimeout: '5s' }),
  endpoint({ metricRelabelings: [{ action: 'drop' }], relabelings: [{ action: 'keep' }] }),
  { values: rule({ namespace: 'mon' }), kind: 'PrometheusRule', path: 'metadata.namespace', expected: 'mon' },
  { values: rule({ groups: GROUPS }), kind: 'PrometheusRule', path: 'spec.groups', expected: GROUPS },
  { values: rule({ groups: GROUPS, runbookUrl: URL }), kind: 'PrometheusRule', path: 'spec.groups.0.rules', expected: WITH_RUNBOOKS },
  labels(rule({ labels: team }), 'PrometheusRule'),
  annotations(rule({ annotations: team }), 'PrometheusRule'),
  { values: dashboards({ namespace: 'mon' }), kind: 'ConfigMap', path: 'metadata', expected: expectedDashboard('mon') },
  labels(dashboards({ labels: team }), 'ConfigMap'),
  annotations(dashboards({ annotations: team }), 'ConfigMap'),
];
function expectedDashboard(namespace: string): unknown {
  const standard = {
    name: 'sealed-secrets',
    instance: 'sealed-secrets',
    'managed-by': 'Helm',
    'part-of': 'sealed-secrets',
    version: '0.1.0',
  };
  const prefixed = Object.entries(standard).map(([key, value]) => [`app.kubernetes.io/${key}`, value]);
  const all = { ...Object.fromEntries(prefixed), 'helm.sh/chart': 'sealed-secrets-0.1.0' };
  return { name: 'sealed-secrets-sealed-secrets-controller', namespace, labels: all };
}
