import { KeyRing } from '@fuin/crypto-core';
import type { ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { type Scene, useScene } from '../../../../../test/support/reconcile-scene.ts';
import type { ReconcileDeps } from '../reconcile.ts';
import { LastUnseals } from './last-unseal.ts';
import { createStatusWriter } from './status-writer.ts';

let scene: Scene;
let namespace: string;
useScene((held) => {
  ({ scene, namespace } = held);
});

/** Statuses of a server whose CRD does not know `lastUnseal`, like upstream's, until it keeps all. */
function prunedStatuses() {
  const { api, deps } = scene;
  const server = { keepsAll: false, writes: 0 };
  const replace: typeof api.replace = (resource, object, options) => {
    server.writes += 1;
    const { lastUnseal, ...status } = object['status'] as Record<string, unknown>;
    const kept = server.keepsAll ? { ...status, lastUnseal } : status;
    return api.replace(resource, { ...object, status: kept }, options);
  };
  const get: typeof api.get = (...args) => api.get(...args);
  const writer = createStatusWriter({ get, replace }, () => new Date(), deps.reporter.reportStored);
  return Object.assign(server, writer);
}

/** Objects that were reconciled with these statuses. */
async function reconciled(names: readonly string[], overrides: Partial<ReconcileDeps>): Promise<ObjectKey[]> {
  const keys: ObjectKey[] = [];
  for (const name of names) {
    const key = await scene.store(await scene.seal({ namespace, name }, { password: 's3cret' }));
    expect(await scene.pass(key, overrides)).toBeUndefined();
    keys.push(key);
  }
  return keys;
}

const isPruned = async () => (await scene.metrics.statusPruned.get()).values[0]?.value;
const told = () => [...scene.log.lines, ...scene.events.texts].filter((line) => /lastUnseal/.test(line));

describe('a CRD that is not the one of this controller', () => {
  it('is reported once by log and event, and by a metric until it is replaced', async () => {
    await reconciled(['a', 'b'], { statuses: prunedStatuses() });
    expect(await isPruned()).toBe(1);
    expect(told()).toEqual([
      expect.stringContaining('WARN status is stored without lastUnseal'),
      expect.stringContaining('StatusPruned: The CRD sealedsecrets.bitnami.com'),
    ]);
    await reconciled(['c'], {});
    expect(await isPruned()).toBe(0);
  });
  it('costs no write for each object and term of leadership, and one for all of them after a restart', async () => {
    const before = { statuses: prunedStatuses(), lastUnseals: new LastUnseals() };
    const keys = await reconciled(['a', 'b', 'c'], before);
    const after = { statuses: prunedStatuses(), lastUnseals: new LastUnseals() };
    for (const term of [before, after]) {
      term.statuses.writes = 0;
      scene.metrics.statusPruned.set(0); // as at the end of a term
      term.lastUnseals.beginTerm();
      for (const key of keys) expect(await scene.pass(key, term)).toBeUndefined();
      expect(await isPruned()).toBe(1);
    }
    expect([before.statuses.writes, after.statuses.writes]).toEqual([0, 1]);
  });
  it('hides no failure that another leader wrote: that is taken back', async () => {
    const term = { statuses: prunedStatuses(), lastUnseals: new LastUnseals() };
    const [key] = (await reconciled(['a'], term)) as [ObjectKey];
    expect(await scene.pass(key, { keys: { keyRing: KeyRing.of() }, lastUnseals: new LastUnseals() })).toBe(
      'ERR_NO_KEY_OPENS_VALUE',
    );
    expect(await scene.synced(key)).toBe('Synced False NoKeyOpensValue');
    term.lastUnseals.beginTerm();
    expect(await scene.pass(key, term)).toBeUndefined();
    expect(await scene.synced(key)).toBe('Synced True Unsealed');
  });
  it('is forgotten with the first status that is stored whole: later ones are written whole too', async () => {
    const deps = { statuses: prunedStatuses(), lastUnseals: new LastUnseals() };
    const [old] = (await reconciled(['a', 'b'], deps)) as [ObjectKey];
    deps.statuses.keepsAll = true;
    await reconciled(['c'], deps);
    deps.lastUnseals.beginTerm();
    expect(await scene.pass(old, deps)).toBeUndefined();
    expect((await scene.stored(old))['status']).toHaveProperty('lastUnseal');
    expect(await isPruned()).toBe(0);
  });
});
