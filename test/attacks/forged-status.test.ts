import type { Secret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { syncSecret } from '../../packages/controller/src/reconcile/sync-secret.ts';
import { changed, deps, forged, key } from './forged-pass.ts';

describe('a forged status', () => {
  it.each([
    { ...forged, lastUnseal: { ...forged.lastUnseal, generation: 1 } },
    { ...forged, lastUnseal: { ...forged.lastUnseal, scope: 'cluster-wide' } },
    { ...forged, lastUnseal: { ...forged.lastUnseal, secretUID: 'another' } },
    { ...forged, lastUnseal: { ...forged.lastUnseal, secretResourceVersion: '' } },
    { ...forged, lastUnseal: { ...forged.lastUnseal, keys: 7 }, observedGeneration: 1 },
    { conditions: 'x', lastUnseal: [] },
    'x',
    null,
  ])('that does not fit costs one reconcile and changes nothing: %j', async (status) => {
    const writes: Secret[] = [];
    await syncSecret(key, await changed(status), await deps(writes));
    expect(writes).toHaveLength(1);
  });
});
