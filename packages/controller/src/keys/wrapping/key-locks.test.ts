import { KEY_ANNOTATIONS } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../metrics.ts';
import { recordingEvents, recordingLog } from '../../testing/recorders.ts';
import { KeyLocks } from './key-locks.ts';
import type { Wrapping } from './wrapping.ts';

const SECRET: KubeObject = {
  metadata: { namespace: 'home', name: 'key', annotations: { [KEY_ANNOTATIONS.fingerprint]: 'v2:a' } },
};

/** Wrapped key Secrets whose service unwraps like this. */
function locksOf(unwrap: Wrapping['unwrap']): KeyLocks {
  const wrapping: Wrapping = {
    description: 'a service',
    wrap: () => Promise.reject(new Error('wraps nothing')),
    unwrap,
    pauseMsAfter: (_error, ownMs) => ownMs,
    isWrongDataKey: () => false,
    close: async () => undefined,
  };
  const parts = { events: recordingEvents(), log: recordingLog(), metrics: createMetrics('test') };
  const sleep = () => Promise.withResolvers<void>().promise;
  return new KeyLocks({ wrapping, order: 'CertNotBefore', now: () => new Date(), sleep, ...parts });
}

describe('KeyLocks', () => {
  it('gives no key of a Secret that was deleted before a slow service answered', async () => {
    const locks = locksOf(async () => {
      locks.forget('home/key');
      return { type: 'x', data: { seed: 'AAAA' } };
    });
    const given: unknown[] = [];
    locks.unlock('home/key', SECRET, async (plain) => void given.push(plain));
    await locks.tried();
    expect(given).toEqual([]);
  });
  it('asks for four keys at once at most', async () => {
    const counts = { underWay: 0, most: 0, all: 0 };
    const locks = locksOf(async () => {
      counts.underWay += 1;
      counts.all += 1;
      counts.most = Math.max(counts.most, counts.underWay);
      await new Promise((resolve) => setImmediate(resolve));
      counts.underWay -= 1;
      return { type: 'x', data: { seed: 'AAAA' } };
    });
    for (let at = 0; at < 10; at++) locks.unlock(`home/${at}`, SECRET, async () => undefined);
    await locks.tried();
    expect(counts).toEqual({ underWay: 0, most: 4, all: 10 });
  });
});
