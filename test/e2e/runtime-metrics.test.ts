import { describe, expect } from 'vitest';
import { eventually } from '../support/time/eventually.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const PREFIX = 'sealed_secrets_controller_';
const BUCKETS = '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 +Inf';
const holder = useWorld();

/** Values of a label over all series of a metric, in their order. */
const valuesOf = (text: string, metric: string, label: string): string[] =>
  [...text.matchAll(new RegExp(`^${PREFIX}${metric}\\{.*?\\b${label}="([^"]*)"`, 'gm'))].map(
    ([, value = '']) => value,
  );

/** Names of the labels of a metric, over all its series. */
const labelsOf = (text: string, metric: string): string[] => {
  const series = [...text.matchAll(new RegExp(`^${PREFIX}${metric}\\{([^}]*)\\}`, 'gm'))];
  const names = series.flatMap(([, labels = '']) =>
    [...labels.matchAll(/(\w+)="/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)].sort();
};

describe('metrics', () => {
  it("have upstream's labels and buckets", async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const moved = await world.seal({ namespace, name: 'origin' }, { a: '1' }); // asks for the certificate too
    await world.apply({ ...moved, metadata: { namespace, name: 'moved' } });
    const condition = new RegExp(`condition_info\\{[^}]*namespace="${namespace}"`);
    await eventually('the condition', async () => (condition.test(await world.metrics()) ? true : undefined));
    const text = await world.metrics();
    expect(labelsOf(text, 'build_info')).toEqual(['revision']);
    expect(labelsOf(text, 'unseal_errors_total')).toEqual(['namespace', 'reason']);
    expect(labelsOf(text, 'condition_info')).toEqual(
      expect.arrayContaining(['condition', 'name', 'namespace']),
    );
    expect(labelsOf(text, 'http_requests_total')).toEqual(['code', 'method', 'path']);
    expect(labelsOf(text, 'http_request_duration_seconds_bucket')).toEqual(['le', 'method', 'path']);
    expect([...new Set(valuesOf(text, 'http_request_duration_seconds_bucket', 'le'))].join(' ')).toBe(
      BUCKETS,
    );
    expect(text).toMatch(/^sealed_secrets_controller_unseal_requests_total \d+$/m);
  });
  it("tell of Node's runtime and the process, not of Go's", async () => {
    const text = await holder.world.metrics();
    expect(text).toMatch(/^nodejs_version_info\{/m);
    expect(text).toMatch(/^process_cpu_seconds_total \S+/m);
    expect(text).not.toMatch(/^(go|promhttp)_/m);
  });
  it('never count a failure to fetch an object, since objects come from a watch', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'gone' }, { a: '1' }));
    await world.client.delete(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/gone`);
    await world.apply(await world.seal({ namespace, name: 'next' }, { a: '1' }));
    await world.untilSynced(namespace, 'next', 'True');
    expect(valuesOf(await world.metrics(), 'unseal_errors_total', 'reason')).not.toContain('fetch');
  });
});
