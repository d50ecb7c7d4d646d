import { SealedSecretsError } from '@fuin/crypto-core';
import { expect, it } from 'vitest';
import { isRetried, isTransient } from './failures.ts';

it.each([
  ['ERR_CONFLICT', true, true],
  ['ERR_API_REJECTED', true, false],
  ['ERR_NO_KEY_OPENS_VALUE', false, false],
  ['ERR_SECRET_NOT_OWNED', false, false],
] as const)('%s is retried without a change: %s, and soon: %s', (code, retried, transient) => {
  const failure = new SealedSecretsError(code, 'x');
  expect([isRetried(failure), isTransient(failure)]).toEqual([retried, transient]);
});

it('a bug is retried, and reported at once', () => {
  const bug = new Error('x');
  expect([isRetried(bug), isTransient(bug)]).toEqual([true, false]);
});
