import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import { createStatusWriter } from './status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

/** Statuses of a server whose CRD does not know `lastUnseal`, like upstream's. */
function prunedStatuses() {
  const { api, deps } = scene;
  const replace: typeof api.replace = (resource, object, options) => {
    const { lastUnseal: _lastUnseal, ...status } = object['status'] as Record<string, unknown>;
    return api.replace(resource, { ...object, status }, options);
  };
  const get: typeof api.get = (...args) => api.get(...args);
  return createStatusWriter({ get, replace }, () => new Date(), deps.reporter.reportStored);
}

const isPruned = async () => (await scene.metrics.statusPruned.get()).values[0]?.value;
const told = () => [...scene.log.lines, ...scene.events.texts].filter((line) => /lastUnseal/.test(line));

describe('a CRD that is not the one of this controller', () => {
  it('is reported once by log and event, and by a metric until it is replaced', async () => {
    const statuses = prunedStatuses();
    for (const name of ['a', 'b']) {
      const key = await scene.store(await scene.seal({ namespace, name }, { password: 's3cret' }));
      expect(await scene.pass(key, { statuses })).toBeUndefined();
    }
    expect(await isPruned()).toBe(1);
    expect(told()).toEqual([
      expect.stringContaining('WARN status is stored without lastUnseal'),
      expect.stringContaining('StatusPruned: The CRD sealedsecrets.bitnami.com'),
    ]);
    const key = await scene.store(await scene.seal({ namespace, name: 'c' }, { password: 's3cret' }));
    expect(await scene.pass(key)).toBeUndefined();
    expect(await isPruned()).toBe(0);
  });
});
