import { readFileSync } from 'node:fs';
import { ERROR_CODES, type ErrorCode, SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';
import { failureRow } from './reconcile/status/failures.ts';

const text = readFileSync(new URL('../../../docs/controller.md', import.meta.url), 'utf8');

describe('docs/controller.md', () => {
  it('names every reason of a condition', () => {
    const codes = Object.keys(ERROR_CODES) as ErrorCode[];
    for (const code of codes) {
      expect(text).toContain(`\`${failureRow(new SealedSecretsError(code, '')).reason}\``);
    }
  });
  it('names every metric of our own', async () => {
    const own = /queue_|reconcile_|last_|drift_|keys?$|key_|certificate_|unreadable_/;
    const all = await createMetrics('test').registry.getMetricsAsJSON();
    const names = all.map(({ name }) => name.replace('sealed_secrets_controller_', ''));
    for (const name of names.filter((each) => own.test(each))) expect(text).toContain(name);
  });
});
