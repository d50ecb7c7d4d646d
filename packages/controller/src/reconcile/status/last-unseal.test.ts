import { describe, expect, it } from 'vitest';
import { isReportedSynced, isUnchanged, LastUnseals, type Observation } from './last-unseal.ts';

const observation: Observation = {
  uid: 'x',
  generation: 1,
  scope: 'strict',
  secretUid: 'u',
  secretResourceVersion: '1',
  openedBy: new Map([['password', 'SHA256:gone']]),
  expired: '',
  unsigned: '',
};

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

describe('the key that last opened an item', () => {
  const key = { namespace: 'blue', name: 'db' };
  const metadata = { ...key, uid: 'x', generation: 1 };
  const lastUnseals = new LastUnseals();
  lastUnseals.note(key, observation);
  lastUnseals.noteFailure(key, { metadata });

  it('stays known while the object fails: it is evidence why', () => {
    expect(lastUnseals.of(key, { metadata })).toBeUndefined();
    expect(lastUnseals.lastKeys(key, { metadata })).toEqual(observation.openedBy);
  });
  it('is not known of another version, whose values may be others', () => {
    expect(lastUnseals.lastKeys(key, { metadata: { ...metadata, generation: 2 } })).toBeUndefined();
  });
});

describe('LastUnseals', () => {
  const key = { namespace: 'blue', name: 'db' };
  const object = { metadata: { ...key, uid: 'x', generation: 1 } };
  it('tells of each success and of each failure', () => {
    const lastUnseals = new LastUnseals();
    const told: unknown[] = [];
    lastUnseals.onChange((each) => told.push(each));
    lastUnseals.note(key, observation);
    expect(told).toEqual([key]);
    lastUnseals.noteFailure(key, object);
    expect(told).toEqual([key, key]);
  });
  it('forgets all of an object', () => {
    const lastUnseals = new LastUnseals();
    lastUnseals.note(key, observation);
    lastUnseals.beginTerm();
    lastUnseals.noteFailure(key, object);
    expect([lastUnseals.isNoted(key), lastUnseals.isUntold(key), lastUnseals.isFailing(key)]).toEqual([
      true,
      true,
      true,
    ]);
    lastUnseals.forget(key);
    expect([lastUnseals.isNoted(key), lastUnseals.isUntold(key), lastUnseals.isFailing(key)]).toEqual([
      false,
      false,
      false,
    ]);
    expect(lastUnseals.last(key, object)).toBeUndefined();
  });
  it('believes its memory of an earlier term for the version that it saw, and for no other', () => {
    const lastUnseals = new LastUnseals();
    lastUnseals.note(key, observation);
    lastUnseals.beginTerm();
    expect(lastUnseals.last(key, object)).toEqual(observation);
    expect(lastUnseals.last(key, { metadata: { ...object.metadata, generation: 2 } })).toBeUndefined();
  });
  it.each([
    ['the same Secret', observation, { uid: 'u', resourceVersion: '1' }, true],
    ['another version of it', observation, { uid: 'u', resourceVersion: '2' }, false],
    ['another Secret of its name', observation, { uid: 'v', resourceVersion: '1' }, false],
    ['no Secret', observation, 'absent', false],
    ['a Secret without uid', { ...observation, secretUid: '' }, { uid: '', resourceVersion: '1' }, false],
  ] as const)('takes %s for unchanged or not', (_what, last, secret, isSame) => {
    expect(isUnchanged(last, secret)).toBe(isSame);
  });
  it.each([
    [{ type: 'Synced', status: 'True' }, 1, true],
    [{ type: 'Synced', status: 'False' }, 1, false],
    [{ type: 'Synced', status: 'True' }, 2, false],
    [{ type: 'Ready', status: 'True' }, 1, false],
  ])('reads %j of generation %d as synced or not', (condition, observedGeneration, isSynced) => {
    const status = { observedGeneration, conditions: [{ type: 'Other', status: 'True' }, condition] };
    expect(isReportedSynced({ ...object, status })).toBe(isSynced);
  });
});

describe('an observation', () => {
  const key = { namespace: 'blue', name: 'db' };
  const metadata = { ...key, uid: 'x', generation: 1 };
  const lastUnseal = {
    generation: 1,
    scope: 'strict',
    secretUID: 'u',
    secretResourceVersion: '1',
    keys: { password: 'SHA256:a', other: 7 },
  };
  const conditions = [{ type: 'Synced', status: 'True' }];
  const withLast = (change: object) => ({
    metadata,
    status: { observedGeneration: 1, conditions, lastUnseal: { ...lastUnseal, ...change } },
  });

  it.each([
    ['another object of its name', { uid: 'y' }],
    ['another version', { generation: 2 }],
    ['another scope', { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } }],
  ])('does not count for %s', (_what, change) => {
    const lastUnseals = new LastUnseals();
    const known = lastUnseals.of(key, withLast({}));
    if (known) lastUnseals.note(key, known);
    expect(lastUnseals.of(key, { metadata })).toEqual(known);
    expect(lastUnseals.of(key, { metadata: { ...metadata, ...change } })).toBeUndefined();
  });
  it('of a status holds what can be read', () => {
    expect(new LastUnseals().of(key, withLast({}))).toMatchObject({
      secretUid: 'u',
      secretResourceVersion: '1',
      openedBy: new Map([['password', 'SHA256:a']]),
    });
  });
  it.each([
    { generation: '1' },
    { secretUID: 7 },
    { secretResourceVersion: 7 },
    { keys: undefined },
    { keys: null },
    { keys: ['SHA256:a'] },
    { keys: 'SHA256:a' },
  ])('is not believed of a status with %j', (change) => {
    expect(new LastUnseals().of(key, withLast(change))).toBeUndefined();
  });
  it('is not believed of a status that does not say that the object is in sync', () => {
    const { status } = withLast({});
    const failed = { ...status, conditions: [{ type: 'Synced', status: 'False' }] };
    expect(new LastUnseals().of(key, { metadata, status: failed })).toBeUndefined();
  });
});

describe('a replica that leads again', () => {
  const key = { namespace: 'blue', name: 'db' };
  const metadata = { ...key, uid: 'x', generation: 1 };
  const lastUnseal = { generation: 1, scope: 'strict', secretUID: 'u', keys: { password: 'SHA256:a' } };
  const applied = (secretResourceVersion: string) => ({
    metadata,
    status: {
      observedGeneration: 1,
      conditions: [{ type: 'Synced', status: 'True' }],
      lastUnseal: { ...lastUnseal, secretResourceVersion },
    },
  });

  it('believes the success that another one reported after its own failure', () => {
    const lastUnseals = new LastUnseals();
    const changed: unknown[] = [];
    lastUnseals.noteFailure(key, { metadata });
    expect(lastUnseals.of(key, applied('2'))).toBeUndefined();
    lastUnseals.onChange((each) => changed.push(each));
    lastUnseals.beginTerm();
    expect(lastUnseals.of(key, applied('2'))).toMatchObject({ secretResourceVersion: '2' });
    expect(lastUnseals.isFailing(key)).toBe(false);
    expect(changed).toEqual([key]);
  });
  it('believes what another one left of the version that it has applied itself', () => {
    const lastUnseals = new LastUnseals();
    const own = new LastUnseals().of(key, applied('1'));
    if (own) lastUnseals.note(key, own);
    expect(lastUnseals.of(key, applied('2'))).toMatchObject({ secretResourceVersion: '1' });
    lastUnseals.beginTerm();
    expect(lastUnseals.of(key, applied('2'))).toMatchObject({ secretResourceVersion: '2' });
  });
  it('looks at each status once, for another one may have written a failure there', () => {
    const lastUnseals = new LastUnseals();
    const own = lastUnseals.of(key, applied('1'));
    if (own) lastUnseals.note(key, own);
    lastUnseals.noteStatus(key, true);
    expect(lastUnseals.isUntold(key)).toBe(false);
    lastUnseals.beginTerm();
    expect(lastUnseals.isUntold(key)).toBe(true);
    lastUnseals.noteStatus(key, true);
    expect(lastUnseals.isUntold(key)).toBe(false);
  });
  it('knows which key opened the version that another one applied, while it fails to', () => {
    const lastUnseals = new LastUnseals();
    for (const object of [applied('1'), { metadata }]) {
      lastUnseals.noteFailure(key, object);
      expect(lastUnseals.lastKeys(key, { metadata })).toEqual(new Map([['password', 'SHA256:a']]));
    }
  });
});
