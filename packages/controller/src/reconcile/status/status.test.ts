import { SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { nextStatus, type Outcome, type WrittenStatus } from './status.ts';

const now = new Date('2026-06-01T12:00:00.123Z');
const later = new Date('2026-06-01T13:00:00.456Z');
const success = {
  observation: {
    uid: 'u1',
    generation: 3,
    scope: 'strict',
    secretUid: 's1',
    secretResourceVersion: '7',
    openedBy: new Map([
      ['b', 'SHA256:x'],
      ['a', 'SHA256:y'],
    ]),
    expired: '',
    unsigned: '',
  },
} as const satisfies Outcome;
const failed = (code: SealedSecretsError['code'], message: string): Outcome => ({
  failure: new SealedSecretsError(code, message),
});
const failure = failed('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret (a)');
const next = (status: unknown, outcome: Outcome, at = now, generation = 3) =>
  nextStatus({ metadata: { generation }, status }, outcome, at);

describe('nextStatus', () => {
  it('puts Synced first and without message when all is well, then Ready, then what the success rested on', () => {
    const time = '2026-06-01T12:00:00Z';
    expect(next(undefined, success)).toEqual({
      observedGeneration: 3,
      conditions: [
        {
          type: 'Synced',
          status: 'True',
          reason: 'Unsealed',
          lastUpdateTime: time,
          lastTransitionTime: time,
        },
        {
          type: 'Ready',
          status: 'True',
          reason: 'Unsealed',
          message: 'the Secret is in sync with the SealedSecret',
          lastUpdateTime: time,
          lastTransitionTime: time,
        },
      ],
      lastUnseal: {
        generation: 3,
        scope: 'strict',
        secretUID: 's1',
        secretResourceVersion: '7',
        keys: { a: 'SHA256:y', b: 'SHA256:x' },
      },
    });
  });
  it('says in both conditions what failed, and drops the last success', () => {
    const status = next(next(undefined, success), failure, later);
    expect(status).not.toHaveProperty('lastUnseal');
    expect(status?.conditions).toMatchObject([
      {
        type: 'Synced',
        status: 'False',
        reason: 'NoKeyOpensValue',
        message: 'no key could decrypt secret (a)',
      },
      {
        type: 'Ready',
        status: 'False',
        reason: 'NoKeyOpensValue',
        message: 'no key could decrypt secret (a)',
      },
    ]);
  });
  it('says in Ready alone what there is evidence for', () => {
    const error = new SealedSecretsError('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret (a)');
    const told = next(undefined, { failure: error.withHint('a: it opens as cluster-wide') });
    expect(told?.conditions?.map(({ message }) => message)).toEqual([
      'no key could decrypt secret (a)',
      'no key could decrypt secret (a): a: it opens as cluster-wide',
    ]);
    const cut = new SealedSecretsError('ERR_ENVELOPE_MALFORMED', 'too short', { hint: 'it was cut' });
    expect(next(undefined, { failure: cut })?.conditions?.[1]?.message).toBe('too short: it was cut');
    const other = new SealedSecretsError('ERR_API_REJECTED', 'refused', { hint: 'ask an administrator' });
    expect(next(undefined, { failure: other })?.conditions?.map(({ message }) => message)).toEqual([
      'refused',
      'refused',
    ]);
  });
  it.each([
    ['success', success],
    ['failure', failure],
  ])('writes nothing when a %s comes again', (_name, outcome) => {
    expect(next(next(undefined, outcome), outcome, later)).toBeUndefined();
  });
  it('writes nothing when the server keeps fields in another order', () => {
    const { lastUnseal, conditions, observedGeneration } = next(undefined, success) as WrittenStatus;
    expect(next({ lastUnseal, conditions, observedGeneration }, success, later)).toBeUndefined();
  });
  it('rewrites a changed message, keeping the time of the transition', () => {
    const before = next(undefined, failure);
    const after = next(before, failed('ERR_NO_KEY_OPENS_VALUE', 'no key could decrypt secret (a, b)'), later);
    expect(after?.conditions?.[0]).toMatchObject({
      message: 'no key could decrypt secret (a, b)',
      lastUpdateTime: '2026-06-01T13:00:00Z',
      lastTransitionTime: '2026-06-01T12:00:00Z',
    });
  });
  it.each([
    ['success', success],
    ['failure', failure],
  ])('gives a %s a new date for a new generation, even if nothing else changed', (_name, outcome) => {
    const times = { lastUpdateTime: '2026-06-01T13:00:00Z', lastTransitionTime: '2026-06-01T12:00:00Z' };
    expect(next(next(undefined, outcome), outcome, later, 4)).toMatchObject({
      observedGeneration: 4,
      conditions: [times, times],
    });
  });
  it('has the same size however many items one key opened', () => {
    const opened = (items: number): Outcome => {
      const names = Array.from({ length: items }, (_, index) => `item-${String(index).padStart(4, '0')}`);
      return {
        observation: { ...success.observation, openedBy: new Map(names.map((n) => [n, 'SHA256:x'])) },
      };
    };
    const [few, many] = [next(undefined, opened(1)), next(undefined, opened(3_350))];
    expect(many?.lastUnseal?.keys).toEqual({ 'item-0000': 'SHA256:x' });
    expect(many).toEqual(few);
  });
  it('leaves out what does not fit into a large object, if asked to', () => {
    const long = failed('ERR_MANIFEST_INVALID', 'x'.repeat(4_000));
    const small = (outcome: Outcome) =>
      JSON.stringify(nextStatus({ metadata: { generation: 3 } }, outcome, now, 'small'));
    expect(small(success)).not.toContain('SHA256');
    expect(small(success).length).toBeLessThan(500);
    expect(small(long).length).toBeLessThan(1_000);
  });
  it('keeps conditions and fields of others', () => {
    const theirs = { type: 'Theirs', status: 'True' };
    expect(next({ other: 1, conditions: [theirs] }, success)).toMatchObject({
      other: 1,
      conditions: [{ type: 'Synced' }, { type: 'Ready' }, theirs],
    });
  });
  it('overwrites the status that upstream wrote without losing its transition time', () => {
    const upstream = {
      observedGeneration: 3,
      conditions: [{ type: 'Synced', status: 'True', lastUpdateTime: 'a', lastTransitionTime: 'a' }],
    };
    expect(next(upstream, success)?.conditions?.[0]).toMatchObject({
      status: 'True',
      lastTransitionTime: 'a',
    });
  });
  it.each([
    null,
    'x',
    7,
    [],
    { conditions: 'x' },
    { conditions: [null, 7, 'x', {}, { type: 1 }] },
    {
      conditions: [{ type: 'X' }, { type: 'X', status: 7 }, { status: 'True' }, { type: 7, status: 'True' }],
    },
    { lastUnseal: 'x' },
  ])('recovers from the status %j', (status) => {
    expect(next(status, success)?.conditions).toHaveLength(2);
  });
  it('rewrites a reason that changed under the same message', () => {
    const before = next(undefined, failed('ERR_API_REJECTED', 'x'));
    expect(next(before, failed('ERR_API_UNAVAILABLE', 'x'), later)?.conditions?.[0]).toMatchObject({
      reason: 'ServerUnavailable',
      lastUpdateTime: '2026-06-01T13:00:00Z',
    });
  });
  it('names for each key the first of its items by name', () => {
    const openedBy = new Map(['c', 'a', 'b'].map((item) => [item, 'SHA256:x']));
    const status = next(undefined, { observation: { ...success.observation, openedBy } });
    expect(status?.lastUnseal?.keys).toEqual({ a: 'SHA256:x' });
  });
  it.each([
    [5, 'x'.repeat(5)],
    [256, 'x'.repeat(256)],
    [257, `${'x'.repeat(256)}...`],
  ])('cuts a message of %d characters in a small status if it is longer than 256', (length, message) => {
    const outcome = failed('ERR_MANIFEST_INVALID', 'x'.repeat(length));
    const status = nextStatus({ metadata: { generation: 3 } }, outcome, now, 'small');
    expect(status?.conditions?.map((condition) => condition.message)).toEqual([message, message]);
  });
  it('cuts messages that would not fit', () => {
    const status = next(undefined, failed('ERR_MANIFEST_INVALID', 'x'.repeat(100_000)));
    expect(status?.conditions?.[0]?.message?.length).toBeLessThan(5_000);
  });
  it('reports no text of an unknown error, which may quote a value', () => {
    const status = next(undefined, { failure: new Error('unexpected "hunter2"') });
    expect(status?.conditions?.[0]).toMatchObject({ reason: 'InternalError', message: 'internal error' });
  });
});
