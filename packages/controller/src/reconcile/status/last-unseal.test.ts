import { expect, it } from 'vitest';
import { LastUnseals } from './last-unseal.ts';

it('a status that names 1,000 keys gives four hints: each costs a trial', () => {
  const key = { namespace: 'blue', name: 'db' };
  const keys = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, index) => [`i${index}`, `SHA256:${index}`]),
  );
  const lastUnseal = { generation: 1, scope: 'strict', secretUID: 'u', secretResourceVersion: '1', keys };
  const status = { observedGeneration: 1, conditions: [{ type: 'Synced', status: 'True' }], lastUnseal };
  const object = { metadata: { ...key, uid: 'x', generation: 1 }, status };
  expect(new LastUnseals().hints(key, object)).toEqual(['SHA256:0', 'SHA256:1', 'SHA256:2', 'SHA256:3']);
});
