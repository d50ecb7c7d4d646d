import { KEY_LABEL, SEALING_KEY_LABEL, SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { recordingLog } from '../testing/recorders.ts';
import { Refusals } from './refusals.ts';

const keyOf = (labels: Record<string, string> | undefined, uid = 'u1'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { namespace: 'home', name: 'planted', uid, ...(labels ? { labels } : {}) },
});

/** A server that holds one Secret and fails as often as the test says; pauses are counted, not waited for. */
function scene(live: KubeObject | undefined, failures = 0) {
  const world = {
    live,
    failures,
    pauses: [] as number[],
    writes: [] as KubeObject[],
    asked: [] as unknown[],
  };
  const log = recordingLog();
  const refusals = new Refusals({
    api: {
      get: async (_resource, key) => {
        world.asked.push(key);
        world.failures -= 1;
        if (world.failures >= 0) throw new SealedSecretsError('ERR_API_UNAVAILABLE', 'no answer');
        return world.live;
      },
      replace: async (_resource, object) => {
        world.writes.push(object);
        return object;
      },
    },
    log,
    sleep: async (delayMs) => void world.pauses.push(delayMs),
  });
  return Object.assign(world, { refusals, log });
}

describe('the refusal of a key Secret', () => {
  it.each([
    ['its label', { [KEY_LABEL]: 'active', team: 'a' }, { [KEY_LABEL]: 'refused', team: 'a' }],
    ['its other label', { [SEALING_KEY_LABEL]: 'active' }, { [SEALING_KEY_LABEL]: 'refused' }],
    [
      'both labels',
      { [KEY_LABEL]: 'active', [SEALING_KEY_LABEL]: 'refused' },
      { [KEY_LABEL]: 'refused', [SEALING_KEY_LABEL]: 'refused' },
    ],
    [
      'the label that every controller reads, where it has none',
      { team: 'a' },
      { [KEY_LABEL]: 'refused', team: 'a' },
    ],
    ['the label that every controller reads, where it has no labels', undefined, { [KEY_LABEL]: 'refused' }],
  ])('is written on %s', async (_where, labels, expected) => {
    const world = scene(keyOf(labels));
    await world.refusals.refuse(keyOf({ [KEY_LABEL]: 'active' }));
    expect(world.writes.map(({ metadata }) => metadata)).toEqual([
      { namespace: 'home', name: 'planted', uid: 'u1', labels: expected },
    ]);
    expect(world.asked).toEqual([{ namespace: 'home', name: 'planted' }]);
    expect(world.log.lines).toEqual(['WARN key marked as refused {"secret":"planted"}']);
  });
  it.each([
    ['it is written already', keyOf({ [KEY_LABEL]: 'refused', team: 'a' })],
    ['the Secret was deleted', undefined],
    ['another Secret has its name', keyOf({ [KEY_LABEL]: 'active' }, 'u2')],
  ])('is not written where %s', async (_why, live) => {
    const world = scene(live);
    await world.refusals.refuse(keyOf({ [KEY_LABEL]: 'active' }));
    expect([world.writes, world.pauses, world.log.lines]).toEqual([[], [], []]);
  });
  it('is tried again, after longer and longer pauses, and holds until then', async () => {
    const secret = keyOf({ [KEY_LABEL]: 'active' });
    const world = scene(secret, 12);
    expect(world.refusals.has(secret)).toBe(false);
    const refusing = world.refusals.refuse(secret);
    expect(world.refusals.has(secret)).toBe(true);
    expect(world.refusals.has(keyOf({}, 'u2'))).toBe(false);
    await world.refusals.refuse(secret); // is under way
    await refusing;
    expect(world.refusals.has(secret)).toBe(false);
    expect(world.writes).toHaveLength(1);
    expect(world.pauses).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000,
    ]);
    expect(world.log.lines.filter((line) => line.includes('will retry'))).toHaveLength(12);
  });
});
