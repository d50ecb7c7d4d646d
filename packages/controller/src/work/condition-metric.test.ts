import { describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { forgetNamespaces } from './condition-metric.ts';

const object = (namespace: string, name: string) => ({ metadata: { namespace, name } });

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
