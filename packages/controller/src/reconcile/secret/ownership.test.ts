import { describe, expect, it } from 'vitest';
import { desired, LOOSE, live, OWNER, P, POD, plan, SKIP, updated } from '../../testing/plan-scene.ts';

describe('desiredSecret', () => {
  it('sets no owner if the template asks for none, but a mark that no template can set', () => {
    const mark = (value: string) => ({ [`${P}written-for`]: value });
    const { metadata } = desired({ metadata: { annotations: { ...SKIP, ...mark('blue/other') } } });
    expect(metadata).not.toHaveProperty('ownerReferences');
    expect(metadata.annotations).toEqual({ ...SKIP, ...mark('blue/db') });
    expect(desired({ metadata: { annotations: mark('blue/db') } }).metadata).not.toHaveProperty(
      'annotations',
    );
  });
  it.each(['managed', 'patch'])('sets no mark of its own where the template sets %s', (name) => {
    const annotations = { ...SKIP, [`${P}${name}`]: 'true' };
    expect(desired({ metadata: { annotations } }).metadata.annotations).toEqual(annotations);
    const off = { ...SKIP, [`${P}${name}`]: 'false' };
    expect(desired({ metadata: { annotations: off } }).metadata.annotations).toEqual({
      ...off,
      [`${P}written-for`]: 'blue/db',
    });
  });
});

describe('planSecret', () => {
  it.each([
    [
      'its owner is gone and had the same name',
      { ownerReferences: [{ ...OWNER, uid: 'u0' }, POD] },
      [POD, OWNER],
    ],
    ['it was written without owner for one of this name', LOOSE, [OWNER]],
  ])('takes over a Secret when %s', (_name, metadata, ownerReferences) => {
    for (const isSettled of [false, true]) {
      const secret = updated(desired(), live({ data: {} }, metadata), { isSettled });
      expect(secret.metadata.ownerReferences).toEqual(ownerReferences);
      expect(secret.data).toEqual({ password: 'cw==' });
    }
  });
  it('writes the next value into a Secret without owner, and sets none', () => {
    const secret = updated(desired({ metadata: { annotations: SKIP } }), live({ data: {} }, LOOSE));
    expect(secret.metadata).toEqual({ ...live({}, LOOSE).metadata, labels: {} });
  });
  it.each(['cw==', 'b2xk'])('leaves a Secret that upstream made without owner as it is: %s', (password) => {
    const want = desired({ metadata: { annotations: SKIP } });
    const upstreams = live({ data: { password } }, { ownerReferences: [], annotations: SKIP });
    const additions = { labels: { team: 'ops' }, annotations: {} };
    expect(plan(want, upstreams, { isSettled: true, additions })).toEqual({ kind: 'none' });
    expect(plan(want, upstreams)).toMatchObject({ error: { code: 'ERR_SECRET_NOT_OWNED' } });
  });
  it.each([
    ['the template asks for an owner', {}, {}, {}],
    ['the Secret has no such mark', { annotations: SKIP }, { annotations: {} }, {}],
    [
      'the Secret was written for another',
      { annotations: SKIP },
      { annotations: { ...SKIP, [`${P}written-for`]: 'blue/x' } },
      {},
    ],
    ['something owns the Secret', { annotations: SKIP }, { ownerReferences: [POD] }, {}],
    ['this version was not applied', { annotations: SKIP }, {}, { isSettled: false }],
  ])('leaves no Secret as it is where %s', (_what, template, metadata, options) => {
    const actual = live({ data: {} }, { ownerReferences: [], annotations: SKIP, ...metadata });
    expect(plan(desired({ metadata: template }), actual, { isSettled: true, ...options })).toMatchObject({
      error: { code: 'ERR_SECRET_NOT_OWNED' },
    });
  });
  it.each([
    ['is no controller', [{ ...OWNER, controller: false }]],
    ['says nothing of a controller', [{ ...OWNER, controller: undefined }]],
    ['is of another API group', [{ ...OWNER, apiVersion: 'x/v1', uid: 'u2' }]],
    ['is of another kind', [{ ...OWNER, kind: 'Other', uid: 'u2' }]],
    ['is of another name', [{ ...OWNER, name: 'other', uid: 'u2' }]],
    ['is of another uid', [{ ...OWNER, uid: 'u2' }]],
    ['is none', []],
  ])('becomes the owner of a Secret marked as managed whose owner %s', (_what, ownerReferences) => {
    const annotations = { [`${P}managed`]: 'true' };
    const want = desired({ metadata: { annotations } });
    const given = ownerReferences as (typeof OWNER)[];
    const secret = updated(want, live({}, { ownerReferences: given, annotations }));
    expect(secret.metadata.ownerReferences).toEqual([OWNER]);
  });
  it('restores its owner reference in a Secret that it applied before', () => {
    const annotations = { [`${P}managed`]: 'true' };
    const actual = live({}, { ownerReferences: [POD], annotations });
    const secret = updated(desired(), actual, { isSettled: true });
    expect(secret.metadata.ownerReferences).toEqual([OWNER]);
  });
  it('leaves owner references of others as they are when a value changes', () => {
    const ownerReferences = [POD, { ...OWNER, blockOwnerDeletion: true }];
    const secret = updated(desired(), live({ data: {} }, { ownerReferences }));
    expect(secret.metadata.ownerReferences).toEqual(ownerReferences);
    const loose = updated(desired({ metadata: { annotations: SKIP } }), live({}, { ownerReferences }));
    expect(loose.metadata.ownerReferences).toEqual([POD]);
  });
  it('owns a patched Secret if its owner marked it as managed, never if the template did', () => {
    const patch = { [`${P}patch`]: 'true' };
    const managed = { [`${P}managed`]: 'true' };
    const theirs = { ...OWNER, kind: 'ConfigMap', apiVersion: 'v1', uid: 'c1' };
    const own = { mine: 'x' };
    const claims = desired({ metadata: { annotations: { ...managed, ...SKIP, ...own } } });
    for (const ownerReferences of [[], [theirs]]) {
      const guest = updated(claims, live({ data: {} }, { ownerReferences, annotations: patch }));
      expect(guest.metadata).toMatchObject({ ownerReferences, annotations: { ...patch, ...own } });
      expect(Object.keys(guest.metadata.annotations ?? {})).toHaveLength(2);
      expect(plan(claims, guest)).toEqual({ kind: 'none' });
      const annotations = { ...patch, ...managed };
      const host = updated(desired(), live({ data: {} }, { ownerReferences, annotations }));
      expect(host.metadata.ownerReferences).toEqual([OWNER]);
    }
  });
  it.each([
    ['owned by nobody', { ownerReferences: [] }],
    ['owned by another SealedSecret', { ownerReferences: [{ ...OWNER, uid: 'u2', name: 'other' }] }],
    ['owned by something else of this name', { ownerReferences: [{ ...OWNER, uid: 'u2', kind: 'Other' }] }],
    [
      'owned by this name of another group',
      { ownerReferences: [{ ...OWNER, uid: 'u2', apiVersion: 'x/v1' }] },
    ],
    ['owned by this one, but not as controller', { ownerReferences: [{ ...OWNER, controller: false }] }],
    ['without owner, written for another name', { ...LOOSE, annotations: { [`${P}written-for`]: 'blue/x' } }],
    [
      'without owner, written in another namespace',
      { ...LOOSE, annotations: { [`${P}written-for`]: 'x/db' } },
    ],
    ['without owner and without a mark', { ownerReferences: [], annotations: SKIP }],
    [
      'written for this name, now controlled by another',
      { ...LOOSE, ownerReferences: [{ ...POD, controller: true }] },
    ],
  ])('refuses to write a Secret %s', (_name, metadata) => {
    expect(plan(desired(), live({ data: {} }, metadata))).toMatchObject({
      kind: 'refuse',
      check: 'not-owned',
      error: {
        code: 'ERR_SECRET_NOT_OWNED',
        message: 'failed update: Resource "db" already exists and is not managed by SealedSecret',
      },
    });
  });
  it('does not tell anyone who guesses the content of a Secret without owner that the guess is right', () => {
    const want = desired({ metadata: { annotations: SKIP } });
    const kept = (password: string) =>
      live({ data: { password } }, { ownerReferences: [], annotations: SKIP });
    for (const isSettled of [false, true]) {
      const [right, wrong] = ['cw==', 'b2xk'].map((value) => plan(want, kept(value), { isSettled }));
      expect(right).toEqual(wrong);
    }
  });
});

describe('planSecret with labels and annotations for every Secret', () => {
  const additions = { labels: { backup: 'no', team: 'a' }, annotations: { note: 'x' } };
  it('adds them to new and existing Secrets; those of the template take precedence', () => {
    const want = desired({ metadata: { labels: { team: 'b' } } });
    const metadata = { labels: { backup: 'no', team: 'b' }, annotations: { note: 'x' } };
    expect(plan(want, undefined, { additions })).toMatchObject({ kind: 'create', secret: { metadata } });
    const before = live({}, { labels: { team: 'b' } });
    for (const isSettled of [false, true]) {
      const secret = updated(want, before, { additions, isSettled });
      expect(secret.metadata).toMatchObject(metadata);
      expect(plan(want, secret, { additions, isSettled })).toEqual({ kind: 'none' });
    }
  });
  it('adds none to a Secret of others that it only patches', () => {
    const annotations = { [`${P}patch`]: 'true' };
    const actual = live({}, { ownerReferences: [], annotations });
    expect(plan(desired(), actual, { additions })).toEqual({ kind: 'none' });
    const own = live({}, { annotations });
    expect(updated(desired(), own, { additions }).metadata.labels).toEqual(additions.labels);
  });
});
