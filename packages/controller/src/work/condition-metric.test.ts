import { describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { forgetNamespaces, showConditions } from './condition-metric.ts';

const object = (namespace: string, name: string) => ({ metadata: { namespace, name } });

describe('showConditions', () => {
  const shown = async (...conditions: readonly object[]) => {
    const metrics = createMetrics('test');
    const labels = { 'app.kubernetes.io/instance': 'shop' };
    const metadata = { ...object('blue', 'a').metadata, labels };
    showConditions(metrics, () => [{ metadata, status: { conditions } }, object('blue', 'untold')]);
    const text = await metrics.registry.getSingleMetricAsString('sealed_secrets_controller_condition_info');
    return text.split('\n').filter((line) => !line.startsWith('#'));
  };
  it.each([
    ['True', 1],
    ['False', -1],
    ['Unknown', 0],
    ['anything else', 0],
  ])('shows a condition that is %s as %i, and no object without one', async (status, value) => {
    const labels = 'namespace="blue",name="a",condition="Synced",ss_app_kubernetes_io_instance="shop"';
    expect(await shown({ type: 'Ready', status: 'True' }, { type: 'Synced', status })).toEqual([
      `sealed_secrets_controller_condition_info{${labels}} ${value}`,
    ]);
  });
  it('shows one series of an object, whatever somebody wrote into its status', async () => {
    const twice = ['False', 'True'].map((status) => ({ type: 'Synced', status }));
    expect(await shown(...twice)).toEqual([expect.stringMatching(/ 1$/)]);
  });
});

describe('forgetNamespaces', () => {
  it('removes the errors of a namespace with its last SealedSecret, and no others', async () => {
    const metrics = createMetrics('test');
    const notice = forgetNamespaces(metrics);
    const [a, b, other] = [object('blue', 'a'), object('blue', 'b'), object('red', 'a')];
    for (const current of [a, b, other]) notice({ current });
    for (const namespace of ['blue', 'red']) metrics.unsealErrors.inc({ reason: 'update', namespace });
    const seen = async () =>
      new Set((await metrics.unsealErrors.get()).values.map(({ labels }) => labels.namespace));
    notice({ current: a, previous: a });
    notice({ previous: a });
    expect(await seen()).toEqual(new Set(['', 'blue', 'red']));
    notice({ previous: b });
    expect(await seen()).toEqual(new Set(['', 'red']));
  });
});
