import type { KubeObject, ObjectKey } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { Repairs } from '../reconcile/repairs.ts';
import { LastUnseals } from '../reconcile/status/last-unseal.ts';
import { onSealedSecretChange, onSecretChange, queueMissing, queueUnsynced } from './triggers.ts';

const KEY = { namespace: 'blue', name: 'db' };

function queue() {
  const added: string[] = [];
  return {
    added,
    add: ({ namespace, name }: ObjectKey) => void added.push(`${namespace}/${name}`),
    addAfter: ({ namespace, name }: ObjectKey, delayMs: number) =>
      void added.push(`${namespace}/${name} in ${delayMs}`),
  };
}

const sealed = (metadata: object = {}, rest: object = {}): KubeObject => ({
  metadata: { ...KEY, uid: 'u1', generation: 1, ...metadata },
  spec: { encryptedData: { a: 'x' } },
  ...rest,
});
const secret = (resourceVersion: string, name = 'db'): KubeObject => ({
  metadata: { ...KEY, name, uid: 's1', resourceVersion },
});

describe('onSealedSecretChange', () => {
  const previous = sealed({ annotations: { a: '1' }, labels: { l: '1' } });
  it.each([
    ['is added', { current: previous }],
    ['is deleted', { previous }],
    ['has another generation', { previous, current: sealed({ ...previous.metadata, generation: 2 }) }],
    [
      'has another annotation',
      { previous, current: sealed({ ...previous.metadata, annotations: { a: '2' } }) },
    ],
    ['has another label', { previous, current: sealed({ ...previous.metadata, labels: {} }) }],
    ['was made anew', { previous, current: sealed({ ...previous.metadata, uid: 'u2' }) }],
    [
      'has another spec though the server counts no generations',
      { previous, current: { ...previous, spec: { encryptedData: {} } } },
    ],
  ])('asks for a reconcile when the object %s', (_name, change) => {
    const work = queue();
    onSealedSecretChange({ queue: work })(change);
    expect(work.added).toEqual(['blue/db']);
  });
  it('goes by the generation if a spec is nested too deeply to be compared', () => {
    const work = queue();
    const nested: unknown = JSON.parse(`${'{"a":'.repeat(9_900)}1${'}'.repeat(9_900)}`);
    const [before, after] = [sealed({}, { spec: nested }), sealed({ generation: 2 }, { spec: nested })];
    onSealedSecretChange({ queue: work })({ previous: before, current: { ...before, status: {} } });
    expect(work.added).toEqual([]);
    onSealedSecretChange({ queue: work })({ previous: before, current: after });
    expect(work.added).toEqual(['blue/db']);
  });
  it('does not when only the status changed: its own write would cause reconciles without end', () => {
    const work = queue();
    const current = {
      ...previous,
      metadata: { ...previous.metadata, resourceVersion: '9' },
      status: { conditions: [] },
    };
    onSealedSecretChange({ queue: work })({ previous, current });
    expect(work.added).toEqual([]);
  });
});

describe('onSecretChange', () => {
  function scene({ driftPolicy = 'repair' as 'repair' | 'warn' | 'off', isKnown = true } = {}) {
    const work = queue();
    const lastUnseals = new LastUnseals();
    const object = sealed();
    if (isKnown) {
      lastUnseals.note(KEY, {
        uid: 'u1',
        generation: 1,
        scope: 'strict',
        secretUid: 's1',
        secretResourceVersion: '5',
        openedBy: new Map(),
        expired: '',
        unsigned: '',
      });
    }
    const repairs = new Repairs(() => 0);
    const sealedSecrets = { get: ({ name }: ObjectKey) => (name === 'db' ? object : undefined) };
    const listener = onSecretChange({
      queue: work,
      sealedSecrets,
      lastUnseals,
      driftPolicy,
      repairs,
    });
    return { work, listener, repairs };
  }
  it('ignores Secrets that no SealedSecret names', () => {
    const { work, listener } = scene();
    listener({ current: secret('9', 'other') });
    listener({ previous: secret('9', 'other') });
    expect(work.added).toEqual([]);
  });
  it('ignores the echo of its own write', () => {
    const { work, listener } = scene();
    listener({ current: secret('5') });
    expect(work.added).toEqual([]);
  });
  it('asks for a reconcile when the Secret is deleted, whatever the drift policy', () => {
    for (const driftPolicy of ['repair', 'warn', 'off'] as const) {
      const { work, listener } = scene({ driftPolicy });
      listener({ previous: secret('5') });
      expect(work.added).toEqual(['blue/db']);
    }
  });
  it('asks for one when something else changed the Secret, with growing delays while that continues', () => {
    const { work, listener, repairs } = scene();
    for (const version of ['6', '7']) {
      listener({ current: secret(version), previous: secret('5') });
      repairs.note(KEY, version, version);
    }
    listener({ previous: secret('7') });
    listener({ current: secret('9') });
    expect(work.added).toEqual(['blue/db in 0', 'blue/db in 500', 'blue/db', 'blue/db in 0']);
  });
  it('forgets the repairs of a Secret even if its SealedSecret was deleted first', () => {
    const { listener, repairs } = scene();
    const other = { ...KEY, name: 'other' };
    repairs.note(other, '6', '7');
    listener({ previous: secret('7', 'other') });
    expect(repairs.delayMs(other)).toBe(0);
  });
  it('ignores drift with the policy off, except for changes that may unblock a failed object', () => {
    const settled = scene({ driftPolicy: 'off' });
    settled.listener({ current: secret('6'), previous: secret('5') });
    expect(settled.work.added).toEqual([]);
    const failed = scene({ driftPolicy: 'off', isKnown: false });
    failed.listener({ current: secret('6'), previous: secret('5') });
    expect(failed.work.added).toEqual(['blue/db']);
  });
});

describe('queueMissing', () => {
  function pass(isSecretSeen: boolean, isDone = true): string[] {
    const work = queue();
    const lastUnseals = new LastUnseals();
    const of = {
      uid: 'u1',
      generation: 1,
      scope: 'strict',
      secretUid: 's1',
      openedBy: new Map(),
      expired: '',
      unsigned: '',
    } as const;
    if (isDone) lastUnseals.note(KEY, { ...of, secretResourceVersion: '1' });
    const sealedSecrets = { list: () => [sealed()] };
    queueMissing({ queue: work, lastUnseals, sealedSecrets, hasSecret: () => isSecretSeen });
    return work.added;
  }
  it('queues SealedSecrets that count as done but have no Secret', () =>
    expect(pass(false)).toEqual(['blue/db']));
  it('does not queue SealedSecrets that have their Secret', () => expect(pass(true)).toEqual([]));
  it('does not queue unfinished SealedSecrets: they are retried anyway', () =>
    expect(pass(false, false)).toEqual([]));
});

describe('queueUnsynced', () => {
  const told = (status: string, observedGeneration = 1) =>
    sealed({}, { status: { observedGeneration, conditions: [{ type: 'Synced', status }] } });
  it.each([
    ['says nothing', sealed(), ['blue/db']],
    ['says a failure', told('False'), ['blue/db']],
    ['speaks of an older version', told('True', 0), ['blue/db']],
    ['says that it is in sync', told('True'), []],
  ])('queues a SealedSecret whose status %s, or does not: %#', (_, object, added) => {
    const work = queue();
    queueUnsynced({ queue: work, sealedSecrets: { list: () => [object] } });
    expect(work.added).toEqual(added);
  });
});
