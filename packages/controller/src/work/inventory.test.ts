import type { KubeObject } from '@fuin/kube/client';
import { expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { takeInventory } from './inventory.ts';

const withStatus = (status?: unknown): KubeObject => ({
  metadata: { namespace: 'shop', name: 'db' },
  status,
});
const synced = (status: string) => withStatus({ conditions: [{ type: 'Synced', status }] });

it('counts SealedSecrets, and as not synced those that fail or were not reconciled yet', async () => {
  const { staleSealedSecrets } = createMetrics('test');
  staleSealedSecrets.set(2);
  const objects = [synced('True'), synced('False'), synced('Unknown'), withStatus(), withStatus('hostile')];
  expect(await takeInventory(objects, 3, staleSealedSecrets)).toEqual({
    sealedSecrets: 5,
    notSynced: 4,
    keys: 3,
    stale: 2,
  });
});
