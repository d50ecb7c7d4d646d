import { encodeBase64, encryptionLabel } from '@fuin/crypto-core';
import { XWingKeyPair } from '@fuin/crypto-core/v2';
import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics.ts';
import { LastUnseals } from '../reconcile/status/last-unseal.ts';
import { watchExpiry } from './expiry-watch.ts';

const KEY = { namespace: 'shop', name: 'db' };
const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;
let pair: XWingKeyPair;
beforeAll(async () => {
  pair = await XWingKeyPair.of(await XWingKeyPair.generate());
});

/** An object whose items expire after these times from now. */
async function object(...delaysMs: readonly (number | undefined)[]): Promise<KubeObject> {
  const sealed = delaysMs.map(async (delayMs, at) => {
    const terms = delayMs === undefined ? {} : { expiresAt: new Date(NOW_MS + delayMs) };
    const value = await pair.seal(new Uint8Array(), encryptionLabel('strict', 'shop', 'db'), terms);
    return [`item-${at}`, encodeBase64(value)] as const;
  });
  return { metadata: KEY, spec: { encryptedData: Object.fromEntries(await Promise.all(sealed)) } };
}

function scene() {
  const clock = { nowMs: NOW_MS };
  const queued: [ObjectKey, number][] = [];
  const metrics = createMetrics('test');
  const lastUnseals = new LastUnseals();
  const queue = { addAfter: (key: ObjectKey, delayMs: number) => void queued.push([key, delayMs]) };
  const notice = watchExpiry({ queue, metrics, lastUnseals, now: () => new Date(clock.nowMs) });
  const expired = async () =>
    /^sealed_secrets_controller_expired_values (\d+)$/m.exec(await metrics.registry.metrics())?.[1];
  return { clock, queued, lastUnseals, notice, expired };
}

describe('watchExpiry', () => {
  it('queues an object at its next expiry, after a day at the latest, and again after each reconcile', async () => {
    const { clock, queued, lastUnseals, notice } = scene();
    notice({ current: await object(5_000, 60_000, undefined, -1_000) });
    expect(queued).toEqual([[KEY, 5_000]]);
    clock.nowMs += 1_000;
    lastUnseals.noteFailure(KEY, { metadata: KEY });
    expect(queued.at(-1)).toEqual([KEY, 4_000]);
    notice({ current: await object(100 * DAY_MS) });
    expect(queued.at(-1)).toEqual([KEY, DAY_MS]);
    expect(queued).toHaveLength(3);
  });
  it('queues an object once more whose reconcile began before the expiry and ended after it', async () => {
    const { clock, queued, lastUnseals, notice } = scene();
    notice({ current: await object(5_000, 60_000) });
    clock.nowMs += 5_001;
    lastUnseals.noteFailure(KEY, { metadata: KEY });
    expect(queued.at(-1)).toEqual([KEY, 0]);
    lastUnseals.noteFailure(KEY, { metadata: KEY });
    expect(queued.at(-1)).toEqual([KEY, 54_999]);
  });
  it('waits again where the clock is set back', async () => {
    const { clock, queued, lastUnseals, notice } = scene();
    clock.nowMs += 6_000;
    notice({ current: await object(5_000) });
    expect(queued).toEqual([]);
    clock.nowMs -= 3_000;
    lastUnseals.noteFailure(KEY, { metadata: KEY });
    expect(queued).toEqual([[KEY, 2_000]]);
  });
  it('counts the values that have expired, without being told', async () => {
    const { clock, notice, expired } = scene();
    const current = await object(1_000, 2_000, undefined);
    notice({ current });
    expect(await expired()).toBe('0');
    clock.nowMs += 2_000;
    expect(await expired()).toBe('2');
    notice({ previous: current });
    expect(await expired()).toBe('0');
  });
  it.each([undefined, null, 7, [], {}, { encryptedData: 'AAAC' }, { encryptedData: { a: 'AAAC', b: 7 } }])(
    'finds nothing in %j',
    (spec) => {
      const { queued, notice } = scene();
      notice({ current: { metadata: KEY, spec } });
      expect(queued).toEqual([]);
    },
  );
});
