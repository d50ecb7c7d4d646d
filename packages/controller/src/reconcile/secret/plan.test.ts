import { KEY_LABEL, KEY_TYPES, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { desired, LOOSE, live, OWNER, P, POD, plan, SKIP, updated } from '../../testing/plan-scene.ts';

describe('desiredSecret', () => {
  it('owns the Secret and takes nothing from the SealedSecret but name and namespace', () => {
    expect(desired({ metadata: { labels: { a: 'b' } }, type: 't', immutable: true })).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: 'blue', labels: { a: 'b' }, ownerReferences: [OWNER] },
      type: 't',
      immutable: true,
      data: { password: 'cw==' },
    });
  });
  it('leaves out what the template leaves out, and reads null as empty, like Go', () => {
    const metadata = JSON.parse('{"labels":{"a":null},"annotations":{"b":null,"c":"d"}}');
    expect(desired({ metadata }).metadata).toMatchObject({
      labels: { a: '' },
      annotations: { b: '', c: 'd' },
    });
    const { data: _data, ...bare } = { ...desired({ type: '', immutable: false }) };
    expect(bare).toStrictEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: 'blue', ownerReferences: [OWNER] },
      immutable: false,
    });
    expect(Object.keys(desired())).toEqual(['apiVersion', 'kind', 'metadata', 'data']);
  });
  it('drops owner references, finalizers and all other metadata of a template', () => {
    const metadata = {
      ownerReferences: [{ ...OWNER, uid: 'foreign' }],
      finalizers: ['x/y'],
      generateName: 'g',
      uid: 'u9',
    };
    expect(desired({ metadata }).metadata).toEqual({
      name: 'db',
      namespace: 'blue',
      ownerReferences: [OWNER],
    });
  });
});

describe('planSecret', () => {
  it('creates what is not there', () => {
    expect(plan(desired(), undefined)).toEqual({ kind: 'create', secret: desired() });
  });
  it.each([
    ['it is as it shall be', desired(), live()],
    ['the type is unset here and Opaque there', desired(), live({ type: 'Opaque' })],
    ['the type is Opaque here and unset there', desired({ type: 'Opaque' }), { ...live(), type: '' }],
    ['the template has no type and the Secret has one', desired(), live({ type: 'kubernetes.io/tls' })],
    ['both have no data', desired({ data: {} }), live({ data: {} })],
    ['it is immutable and equal', desired({ immutable: true }), live({ immutable: true })],
    ['immutable is asked for later: applied on create only', desired({ immutable: true }), live()],
    ['nobody owns it and nobody shall', desired({ metadata: { annotations: SKIP } }), live({}, LOOSE)],
    ['others own it too', desired(), live({}, { ownerReferences: [POD, OWNER] })],
  ])('does nothing when %s', (_name, want, actual) => {
    expect(plan(want, actual)).toEqual({ kind: 'none' });
  });
  it('replaces data, labels, annotations and owners as a whole and keeps the rest', () => {
    const actual = live(
      { data: { password: 'b2xk', old: 'eA==' } },
      { labels: { theirs: 'x' }, annotations: { theirs: 'x' }, finalizers: ['keep/me'] },
    );
    const secret = updated(desired({ metadata: { labels: { mine: 'x' } } }), actual);
    expect(secret.data).toEqual({ password: 'cw==' });
    expect(secret.metadata).toEqual({
      ...actual.metadata,
      labels: { mine: 'x' },
      annotations: {},
      ownerReferences: [OWNER],
    });
  });
  it('takes over a Secret marked as managed', () => {
    const actual = live({ data: {} }, { ownerReferences: [], annotations: { [`${P}managed`]: 'true' } });
    const secret = updated(desired(), actual);
    expect(secret.metadata).toMatchObject({ ownerReferences: [OWNER], annotations: {} });
  });
  it('merges into a Secret marked as patch and does not own it', () => {
    const annotations = { [`${P}patch`]: 'true', theirs: 'x' };
    const actual = live(
      { data: { other: 'eA==' } },
      { ownerReferences: [], labels: { theirs: 'x' }, annotations },
    );
    const secret = updated(desired({ metadata: { labels: { mine: 'y' } } }), actual);
    expect(secret.data).toEqual({ other: 'eA==', password: 'cw==' });
    expect(secret.metadata).toMatchObject({
      ownerReferences: [],
      labels: { theirs: 'x', mine: 'y' },
      annotations,
    });
  });
  it.each(['True', '1', ''])('does not accept the mark "managed: %s"', (value) => {
    const actual = live({ data: {} }, { ownerReferences: [], annotations: { [`${P}managed`]: value } });
    expect(plan(desired(), actual)).toMatchObject({ kind: 'refuse' });
  });
  it('refuses other data for an immutable Secret, but not other labels', () => {
    const other = desired({ data: { password: 'eA==' } });
    const refused = plan(other, live({ immutable: true }));
    expect(refused).toMatchObject({
      kind: 'refuse',
      check: 'data-immutable',
      error: { code: 'ERR_SECRET_IMMUTABLE' },
    });
    expect(refused).toHaveProperty(
      'error.message',
      expect.stringMatching(/^Error updating blue\/db: the target Secret is immutable\. /),
    );
    const labels = desired({ metadata: { labels: { a: 'b' } } });
    expect(plan(labels, live({ immutable: true }))).toMatchObject({ kind: 'update' });
  });
  it('refuses to change a type, which no API server allows, and names the way out', () => {
    expect(plan(desired({ type: 'kubernetes.io/tls' }), live())).toMatchObject({
      kind: 'refuse',
      check: 'type-fixed',
      error: {
        code: 'ERR_SECRET_IMMUTABLE',
        message: expect.stringContaining('You can only delete and recreate the Secret'),
      },
    });
  });
  it.each(['kubernetes.io/service-account-token', 'bootstrap.kubernetes.io/token'])(
    'refuses type %s, which mints credentials, unless a flag allows it',
    (type) => {
      const refusal = { check: 'token-type', error: { code: 'ERR_SECRET_TYPE_FORBIDDEN' } };
      expect(plan(desired({ type }), undefined)).toMatchObject(refusal);
      expect(plan(desired(), live({ type }, { annotations: { [`${P}patch`]: 'true' } }))).toMatchObject(
        refusal,
      );
      expect(plan(desired({ type }), undefined, { allowsTokenSecrets: true })).toMatchObject({
        kind: 'create',
      });
    },
  );
  it.each([KEY_LABEL, SEALING_KEY_LABEL])(
    'creates and changes no sealing key of its own, and none of another controller unless a flag allows it: %s',
    (label) => {
      const refusal = { kind: 'refuse', error: { code: 'ERR_SECRET_TYPE_FORBIDDEN' } };
      const isOwn = { ...refusal, check: 'own-sealing-key' };
      const isOther = { ...refusal, check: 'other-sealing-key' };
      const here = { sealingKeys: { namespace: 'blue', legacyName: 'sealed-secrets-key' } };
      const named = { sealingKeys: { namespace: 'blue', legacyName: 'db' } };
      const marked = (value: string) => ({ labels: { [label]: value } });
      for (const value of ['active', 'compromised', '']) {
        expect(plan(desired({ metadata: marked(value) }), undefined, here)).toMatchObject(isOwn);
        const annotations = { [`${P}patch`]: 'true' };
        expect(plan(desired(), live({}, { ...marked(value), annotations }), here)).toMatchObject(isOwn);
        for (const allowsSealingKeys of [false, true]) {
          const options = { allowsSealingKeys };
          const outcome = allowsSealingKeys ? { kind: 'create' } : isOther;
          expect(plan(desired({ metadata: marked(value) }), undefined, options)).toMatchObject(outcome);
          expect(
            plan(desired({ metadata: marked(value) }), undefined, { ...here, ...options }),
          ).toMatchObject(isOwn);
        }
        expect(plan(desired(), live({}, { ...marked(value), annotations }))).toMatchObject(isOther);
      }
      expect(plan(desired(), undefined, named)).toMatchObject(isOwn);
      const elsewhere = { sealingKeys: { namespace: 'keys', legacyName: 'db' } };
      expect(plan(desired(), undefined, elsewhere)).toMatchObject({ kind: 'create' });
      expect(plan(desired(), undefined, here)).toMatchObject({ kind: 'create' });
    },
  );
  it('creates no Secret of a type of sealing keys, which one label would make a key', () => {
    const here = { sealingKeys: { namespace: 'blue', legacyName: 'sealed-secrets-key' } };
    const refusal = { kind: 'refuse', error: { code: 'ERR_SECRET_TYPE_FORBIDDEN' } };
    for (const type of Object.values(KEY_TYPES))
      for (const options of [here, {}, { ...here, allowsSealingKeys: true }])
        expect(plan(desired({ type }), undefined, options)).toMatchObject(refusal);
  });
});

describe('planSecret for a SealedSecret that was applied before', () => {
  const settled = { isSettled: true };
  it('leaves labels, annotations and owner references that others added', () => {
    const actual = live(
      {},
      { labels: { theirs: 'x' }, annotations: { theirs: 'x' }, ownerReferences: [OWNER, POD] },
    );
    expect(plan(desired(), actual, settled)).toEqual({ kind: 'none' });
    expect(plan(desired(), actual)).toMatchObject({ kind: 'update' });
  });
  it.each([
    ['changed data', live({ data: { password: 'eA==' } })],
    ['added data', live({ data: { password: 'cw==', more: '' } })],
    ['removed data', live({ data: {} })],
  ])('restores %s', (_name, actual) => {
    expect(updated(desired(), actual, settled).data).toEqual({ password: 'cw==' });
  });
  it('restores a label of its own', () => {
    const want = desired({ metadata: { labels: { mine: 'x' } } });
    expect(updated(want, live({}, { labels: { mine: 'y' } }), settled).metadata.labels).toEqual({
      mine: 'x',
    });
  });
});

describe('planSecret for any two Secrets', () => {
  const map = fc.dictionary(
    fc.constantFrom('a', 'b', '__proto__', 'constructor', `${P}patch`, `${P}managed`, ...Object.keys(SKIP)),
    fc.constantFrom('', 'true', 'eA=='),
  );
  const any = fc.record({
    labels: map,
    annotations: map,
    data: map,
    isOwned: fc.boolean(),
    isSettled: fc.boolean(),
  });
  it('settles, even if a template removes its own marks', () => {
    fc.assert(
      fc.property(any, any, (wanted, present) => {
        const want = desired({
          metadata: { labels: wanted.labels, annotations: wanted.annotations },
          data: wanted.data,
        });
        const { labels, annotations, data, isOwned, isSettled } = present;
        const actual = live({ data }, { labels, annotations, ownerReferences: isOwned ? [OWNER] : [] });
        let action = plan(want, actual, { isSettled });
        for (let updates = 0; updates < 2 && action.kind === 'update'; updates++) {
          action = plan(want, action.secret, { isSettled });
        }
        expect(action.kind).not.toBe('update');
      }),
      { numRuns: 2000 },
    );
  });
});
