import { SealedSecretsError } from '@fuin/crypto-core';
import type { EventRecorder } from '@fuin/kube/events';
import { expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { createReporter } from './reporter.ts';

it('leaves the words failed update out of the event about a Secret that is not owned, like upstream', () => {
  const told: Parameters<EventRecorder['record']>[] = [];
  const silent = () => undefined;
  const { report } = createReporter({
    events: { record: (...event) => told.push(event), flush: () => Promise.resolve() },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    metrics: createMetrics('test'),
    now: () => new Date(0),
  });
  const failure = new SealedSecretsError(
    'ERR_SECRET_NOT_OWNED',
    'failed update: Resource "db" already exists',
  );
  report({ metadata: { name: 'db', namespace: 'blue' } }, { failure });
  expect(told).toMatchObject([[{}, 'Warning', 'ErrUpdateFailed', 'Resource "db" already exists']]);
});

it("counts failures under upstream's reasons", async () => {
  const silent = () => undefined;
  const metrics = createMetrics('test');
  const reporter = createReporter({
    events: { record: silent, flush: () => Promise.resolve() },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    metrics,
    now: () => new Date(0),
  });
  const object = { metadata: { name: 'db', namespace: 'blue' } };
  for (const code of ['ERR_NO_KEY_OPENS_VALUE', 'ERR_SECRET_IMMUTABLE', 'ERR_SECRET_NOT_OWNED'] as const)
    reporter.report(object, { failure: new SealedSecretsError(code, '') });
  reporter.reportStatusFailure(object, new Error());
  const text = await metrics.registry.metrics();
  for (const reason of ['unseal', 'update', 'unmanaged', 'status'])
    expect(text).toContain(`unseal_errors_total{reason="${reason}",namespace="blue"} 1`);
});
