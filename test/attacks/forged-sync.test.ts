import type { Secret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../packages/controller/src/metrics.ts';
import { syncSecret } from '../../packages/controller/src/reconcile/sync-secret.ts';
import { showConditions } from '../../packages/controller/src/work/condition-metric.ts';
import { changed, deps, forged, key } from './forged-pass.ts';

describe('a forged status', () => {
  it('cannot pass a change of the owner off as drift that is only warned of', async () => {
    const writes: Secret[] = [];
    const { lastUnseal: _lastUnseal, ...rest } = forged;
    await syncSecret(key, await changed(rest), await deps(writes, { driftPolicy: 'warn' }));
    expect(writes.map(({ data }) => data)).toEqual([{ password: btoa('new') }]);
  });

  it('cannot fill the memory with series of a metric', async () => {
    const metrics = createMetrics('test');
    const conditions = Array.from({ length: 2_000 }, (_, index) => ({ type: `t${index}`, status: 'True' }));
    showConditions(metrics, () => [{ metadata: key, status: { conditions } }]);
    const text = await metrics.registry.getSingleMetricAsString('sealed_secrets_controller_condition_info');
    expect(text.split('\n').length).toBeLessThan(50);
  });
});
