import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createMetrics } from '../packages/controller/src/metrics.ts';

const CHART = join(import.meta.dirname, 'helm', 'sealed-secrets');
const PREFIX = 'sealed_secrets_controller_';

interface Dashboard {
  readonly panels: readonly Panel[];
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}
interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const { panels }: Dashboard = JSON.parse(
  readFileSync(join(CHART, 'dashboards', 'sealed-secrets-controller.json'), 'utf8'),
);
const [group] = parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')).metrics.prometheusRule.groups;
const alerts: readonly Alert[] = group.rules;
const graphs = panels.filter(({ type }) => type !== 'row');
const targets = graphs.flatMap((panel) => panel.targets ?? []);
const expressions = [...targets, ...alerts].map(({ expr }) => expr);

/** Our metrics with the labels they have; a histogram's series too. */
const series = new Map<string, readonly string[]>();
for (const metric of await createMetrics('test').registry.getMetricsAsArray()) {
  const { name, type, labelNames } = metric as unknown as {
    name: string;
    type: string;
    labelNames: string[];
  };
  const isHistogram = type === 'histogram';
  for (const suffix of isHistogram ? ['_bucket', '_sum', '_count'] : ['']) {
    series.set(name + suffix, isHistogram ? [...labelNames, 'le'] : labelNames);
  }
}
const types = new Map(
  (await createMetrics('test').registry.getMetricsAsArray()).map(({ name, type }) => [name, String(type)]),
);
/** What is asked of each replica on purpose. */
const PER_REPLICA = ['build_info', 'queue_depth', 'last_success_timestamp_seconds'];
/** What the scrape adds. */
const TARGET_LABELS = ['job', 'pod', 'instance', 'namespace'];

function metricsIn(expr: string): string[] {
  return [...new Set(expr.match(new RegExp(`${PREFIX}[a-z0-9_]+`, 'g')))];
}

/** Labels that an expression groups or selects by, or a legend shows. */
function labelsIn(text: string): string[] {
  const grouped = [...text.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  const selected = [...text.matchAll(/[{,](\w+)=~?"/g)].map(([, label = '']) => label);
  const shown = [...text.matchAll(/\{\{(?:\s*\$labels\.)?(\w+)\s*\}\}/g)].map(([, label = '']) => label);
  return [...grouped, ...selected, ...shown];
}

/** Where Prometheus' own grammar stumbles over an expression; Grafana's intervals read as durations. */
function syntaxErrors(expr: string): string[] {
  const text = expr.replaceAll(/\$__\w+/g, '5m');
  const errors: string[] = [];
  parser.parse(text).iterate({
    enter: ({ type, from }) =>
      void (type.isError && errors.push(`${text.slice(0, from)} <- ${text.slice(from)}`)),
  });
  return errors;
}

describe('dashboard and alerts', () => {
  it('are PromQL', () => {
    expect(expressions.flatMap(syntaxErrors)).toEqual([]);
    expect(syntaxErrors('sum by (a (b)')).not.toEqual([]);
  });

  it('ask for metrics that the controller has', () => {
    expect(expressions.flatMap(metricsIn).filter((name) => !series.has(name))).toEqual([]);
  });

  it('use labels that those metrics have', () => {
    const texts = [
      ...targets.map(({ expr, legendFormat }) => ({ expr, text: expr + legendFormat })),
      ...alerts.map((alert) => ({ expr: alert.expr, text: alert.expr + JSON.stringify(alert.annotations) })),
    ];
    const unknown = texts.flatMap(({ expr, text }) => {
      const known = [...TARGET_LABELS, ...metricsIn(expr).flatMap((name) => series.get(name) ?? [])];
      return labelsIn(text).filter((label) => !known.includes(label));
    });
    expect(unknown).toEqual([]);
  });
});

describe('gauges that each replica exports', () => {
  it('are put together before anything is counted, compared or listed', () => {
    const gauges = [...types].filter(([name, type]) => type === 'gauge' && name.startsWith(PREFIX));
    const bare = expressions.flatMap((expr) =>
      gauges
        .map(([name]) => name)
        .filter((name) =>
          new RegExp(`(?<!(?:max|min|sum|count|absent)(?: by \\([^)]*\\))? ?\\()${name}\\b`).test(expr),
        )
        .filter((name) => !PER_REPLICA.includes(name.slice(PREFIX.length)))
        .map((name) => ({ name, expr })),
    );
    expect(bare).toEqual([]);
  });
});

describe('the dashboard', () => {
  it("shows every metric that is upstream's or ours", () => {
    const ours = [...series.keys()].filter((name) => name.startsWith(PREFIX) && !/_(sum|count)$/.test(name));
    const shown = new Set(targets.flatMap(({ expr }) => metricsIn(expr)));
    expect(ours.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('has panels that do not overlap, each with an id, a title and words on what it shows', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(graphs.filter(({ title, description }) => !title || !description)).toEqual([]);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe('the alerts', () => {
  it("keep upstream's name for the first", () => {
    expect([group.name, alerts[0]?.alert]).toEqual([
      'sealed-secrets-controller.rules',
      'SealedSecretsControllerNotReady',
    ]);
  });

  it.each([
    ['failing objects', 'condition_info'],
    ['the age of the key', 'key_created_timestamp_seconds'],
    ['a certificate about to expire', 'certificate_expiry_timestamp_seconds'],
    ['objects sealed with an old key', 'oldest_key_in_use_timestamp_seconds'],
    ['drift', 'drift_total'],
    ['keys that cannot be read', 'keys_unreadable'],
    ['an audit log that cannot be written', 'audit_failing'],
    ['keys that are gone', 'keyless_sealed_secrets'],
    ['keys without a new backup', 'key_last_backup_timestamp_seconds'],
    ['objects that cannot be read', 'objects_unreadable'],
    ['objects that nobody signed', 'unsigned_sealed_secrets'],
    ['a list of signers that cannot be used', 'allowed_signers_unreadable'],
    ['watches that fail', 'watches_failing'],
    ['replicas without a leader', 'leader'],
  ])('watch over %s', (_what, metric) => {
    expect(alerts.flatMap(({ expr }) => metricsIn(expr))).toContain(PREFIX + metric);
  });

  it('have a name of their own, a severity, and say what is wrong', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
    for (const { labels, annotations } of alerts) {
      expect(labels.severity).toMatch(/^(critical|warning|info)$/);
      expect(annotations).toEqual({ summary: expect.any(String), description: expect.any(String) });
    }
  });
});
