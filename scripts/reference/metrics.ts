import { block, code, paragraphs, sentence, table } from './markdown.ts';
import type { Runbook } from './runbooks.ts';

/** A metric as the controller declares it. */
export interface Metric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** A rule of the chart's PrometheusRule. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const PREFIX = 'sealed_secrets_controller_';
const UPSTREAM = [
  'build_info',
  'unseal_requests_total',
  'unseal_errors_total',
  'condition_info',
  'http_requests_total',
  'http_request_duration_seconds',
];
const LABELS: Readonly<Record<string, string>> = {
  revision: 'version of the controller',
  reason: 'what failed: `unseal`, `update`, `unmanaged` (the Secret belongs to something else) or `status`',
  namespace: 'namespace of the SealedSecret',
  name: 'name of the SealedSecret',
  condition: '`Synced`',
  ss_app_kubernetes_io_instance: "the SealedSecret's label `app.kubernetes.io/instance`",
  path: 'path of the request',
  code: 'status of the response',
  method: 'method of the request',
  resource: '`sealedsecrets` or `secrets`',
  fingerprint: 'fingerprint of the sealing key',
  outcome:
    '`ok`, `GaveWay` (slow templates are tried again by themselves) or the [reason](conditions-and-events.md) of the failure',
  mode: '`warn` or `enforce`, see `--require-signer`',
  finding:
    'what was found: `missing`, `unreadable`, `stale` (not what was signed), `unknown-signer`, `untimely-signer` (who may not sign at this time) or `no-list` (the file of allowed signers cannot be used)',
  action: '`repair` or `warn`, see `--drift-policy`',
};

const FIRST_CHECKS = `kubectl get sealedsecrets -A -o wide
kubectl get events -A --field-selector reason=DriftDetected
kubectl get crd sealedsecrets.bitnami.com
kubeseal --fetch-cert | openssl x509 -noout -enddate
`;

/** Metrics, alerts, and a runbook for each alert. */
export function metricsPage(
  metrics: readonly Metric[],
  alerts: readonly Alert[],
  runbooks: Readonly<Record<string, Runbook>>,
): string {
  const ours = metrics.filter(({ name }) => name.startsWith(PREFIX));
  const isUpstream = ({ name }: Metric) => UPSTREAM.includes(name.slice(PREFIX.length));
  const labels = [...new Set(ours.flatMap(({ labelNames }) => labelNames))];
  return paragraphs(
    '# Metrics and alerts',
    `The controller serves metrics at \`/metrics\` of port 8081 (\`--listen-metrics-addr\`). Besides those below there are
\`process_*\` and \`nodejs_*\`, which describe the process.`,
    '## Metrics of upstream',
    metricTable(ours.filter(isUpstream)),
    'With `--metrics-omit-secret-labels` there is no `condition_info`.',
    '## Fuin only',
    `Each replica exports them all. Combine the replicas with \`max by (job) (...)\`, like the alerts below.`,
    metricTable(ours.filter((metric) => !isUpstream(metric))),
    '## Labels',
    table(
      ['Label', 'Meaning'],
      labels.map((label) => [code(label), sentence(LABELS[label] ?? '')]),
    ),
    '## Alerts',
    `The chart creates them with \`metrics.prometheusRule.enabled\`. With \`metrics.prometheusRule.runbookUrl\` each alert links
to its section of this page. In the runbooks \`CONTROLLER\` is the namespace of the
controller; \`NAMESPACE\` and \`NAME\` are those of the alert. Good first checks are:`,
    block('sh', FIRST_CHECKS),
    table(
      ['Alert', 'Severity', 'Summary'],
      alerts.map(({ alert, labels, annotations }) => [
        `[${alert}](#${alert.toLowerCase()})`,
        labels.severity,
        sentence(plain(annotations.summary)),
      ]),
    ),
    ...alerts.flatMap((alert) => runbookSection(alert, runbooks[alert.alert])),
  );
}

function metricTable(metrics: readonly Metric[]): string {
  return table(
    ['Metric', 'Type', 'Labels', 'Meaning'],
    metrics.map(({ name, type, labelNames, help }) => [
      code(name),
      type,
      labelNames.map(code).join(', '),
      sentence(help),
    ]),
  );
}

function runbookSection({ alert, expr, for: duration }: Alert, runbook?: Runbook): string[] {
  if (!runbook) throw new Error(`${alert} has no runbook`);
  return [
    `### ${alert}`,
    `Fires when this is true${duration === undefined ? '' : ` for ${duration}`}:`,
    block('promql', expr),
    `**What it means.** ${runbook.means}`,
    `**Check**\n\n${list(runbook.check)}`,
    `**Cure**\n\n${list(runbook.cure)}`,
  ];
}

function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}

/** The text with the names of labels in place of Prometheus' templates. */
function plain(text: string): string {
  return text.replace(/\{\{ \$labels\.(\w+) \}\}/g, (_found, label: string) => label.toUpperCase());
}
