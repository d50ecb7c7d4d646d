import { describe, expect, it } from 'vitest';
import { LastUnseals, type Observation } from './last-unseal.ts';

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
