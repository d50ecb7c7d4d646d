import { SealedSecretsError } from '@fuin/crypto-core';
import { expect, it } from 'vitest';
import type { EventRecorder } from '../kube/ports.ts';
import { createMetrics } from '../metrics.ts';
import { createReporter } from './reporter.ts';

it('leaves the words failed update out of the event about a Secret that is not owned, as upstream does', () => {
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
