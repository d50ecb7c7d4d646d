import { parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { desired, live, OWNER, P, plan, SKIP, updated } from '../../testing/plan-scene.ts';
import { lacksAdditions } from './target.ts';

const none = { labels: {}, annotations: {} };
const additions = { labels: { backup: 'no', team: 'a' }, annotations: { note: 'x' } };
const whole = { labels: additions.labels, annotations: additions.annotations };
const sealedOf = (template?: object) =>
  parseSealedSecret({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace: 'blue', uid: OWNER.uid },
    spec: { encryptedData: {}, ...(template ? { template } : {}) },
  });

describe('lacksAdditions', () => {
  it.each([
    ['a Secret without any', {}, true],
    ['a Secret without a label', { ...whole, labels: { team: 'a' } }, true],
    ['a Secret without the annotation', { labels: additions.labels }, true],
    ['another value', { ...whole, labels: { backup: 'yes', team: 'a' } }, true],
    ['all of them', whole, false],
    ['more than these', { ...whole, labels: { ...additions.labels, theirs: 'x' } }, false],
  ])('tells of %s: %s', (_what, metadata, expected) => {
    const sealedSecret = sealedOf();
    expect(lacksAdditions({ sealedSecret, additions }, live({}, metadata))).toBe(expected);
  });
  it.each([
    ['the value of the template', { labels: { backup: 'no', team: 'b' } }, false],
    ['the value that the template overrides', { labels: { backup: 'no', team: 'a' } }, true],
  ])('compares with %s', (_what, metadata, expected) => {
    for (const template of [
      { metadata: { labels: { team: 'b' } } },
      { metadata: { labels: { team: 'b' }, annotations: {} } },
    ]) {
      const sealedSecret = sealedOf(template);
      const given = { sealedSecret, additions: { ...none, labels: additions.labels } };
      expect(lacksAdditions(given, live({}, metadata))).toBe(expected);
    }
  });
  it('is false where there are none', () => {
    for (const each of [undefined, none])
      expect(lacksAdditions({ sealedSecret: sealedOf({}), additions: each }, live())).toBe(false);
  });
  it('is false of a Secret of somebody else, which is only patched', () => {
    const [patch, managed] = [{ [`${P}patch`]: 'true' }, { [`${P}managed`]: 'true' }];
    const given = { sealedSecret: sealedOf({ metadata: {} }), additions };
    const guest = live({}, { ownerReferences: [], annotations: patch });
    expect(lacksAdditions(given, guest)).toBe(false);
    expect(lacksAdditions(given, live({}, { annotations: patch }))).toBe(true);
    const host = live({}, { ownerReferences: [], annotations: { ...patch, ...managed } });
    expect(lacksAdditions(given, host)).toBe(true);
    expect(lacksAdditions(given, live({}, { ownerReferences: [], annotations: managed }))).toBe(true);
  });
});

describe('a Secret without the field of owners', () => {
  const bare = (annotations: Record<string, string>, data = {}) => {
    const secret = live({ data }, { annotations });
    const { ownerReferences: _none, ...metadata } = secret.metadata;
    return { ...secret, metadata };
  };
  it.each([false, true])('gets its owner where it is marked as managed (settled: %s)', (isSettled) => {
    const annotations = { [`${P}managed`]: 'true' };
    const want = desired({ metadata: { annotations } });
    expect(updated(want, bare(annotations, want.data), { isSettled }).metadata.ownerReferences).toEqual([
      OWNER,
    ]);
  });
  it.each([false, true])('gets none where the template asks for none (settled: %s)', (isSettled) => {
    const annotations = { ...SKIP, [`${P}written-for`]: 'blue/db' };
    const want = desired({ metadata: { annotations: SKIP } });
    expect(plan(want, bare(annotations, want.data), { isSettled })).toEqual({ kind: 'none' });
    expect(updated(want, bare(annotations), { isSettled }).metadata.ownerReferences).toEqual([]);
  });
  it.each([false, true])('stays as it is where it is only patched (settled: %s)', (isSettled) => {
    const annotations = { [`${P}patch`]: 'true' };
    const want = desired();
    expect(plan(want, bare(annotations, want.data), { isSettled })).toEqual({ kind: 'none' });
    expect(updated(want, bare(annotations), { isSettled }).metadata).not.toHaveProperty('ownerReferences');
  });
  it('stays as it is where upstream made it', () => {
    const want = desired({ metadata: { annotations: SKIP } });
    expect(plan(want, bare(SKIP), { isSettled: true })).toEqual({ kind: 'none' });
  });
});

describe('a Secret that is marked as patch', () => {
  const annotations = { [`${P}patch`]: 'true', [`${P}managed`]: 'true' };
  it('gets no mark of whom it was written for, and no owner, where the template asks for none', () => {
    const want = desired({ metadata: { annotations: SKIP } });
    const { metadata } = updated(want, live({ data: {} }, { ownerReferences: [], annotations }));
    expect(metadata.annotations).toEqual({ ...annotations, ...SKIP });
    expect(metadata.ownerReferences).toEqual([]);
  });
  it('keeps its type where the template names none', () => {
    const actual = live({ data: {}, type: 'kubernetes.io/tls' }, { ownerReferences: [], annotations });
    expect(updated(desired(), actual).type).toBe('kubernetes.io/tls');
  });
});
