import { describe, expect, it } from 'vitest';
import {
  API_VERSION,
  KEY_ANNOTATIONS,
  KIND,
  keyMarksOf,
  keyValidityIn,
  ownerReferenceTo,
} from './resource.ts';

describe('ownerReferenceTo', () => {
  const sealedSecret = { apiVersion: API_VERSION, kind: KIND, spec: { encryptedData: {} } } as const;
  it('is the reference that upstream writes, without blockOwnerDeletion', () => {
    expect(ownerReferenceTo({ ...sealedSecret, metadata: { name: 'db', uid: 'u-1' } })).toEqual({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      name: 'db',
      uid: 'u-1',
      controller: true,
    });
  });
});

describe('keyValidityIn', () => {
  const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2036-01-01T00:00:00Z')];
  it('reads what keyMarksOf writes, in whole seconds', () => {
    const later = new Date(notBefore.getTime() + 999);
    expect(keyValidityIn(keyMarksOf('v2:00', { notBefore: later, notAfter }))).toEqual({
      notBefore,
      notAfter,
    });
  });
  const [start, end] = ['2026-01-01T00:00:00Z', '2036-01-01T00:00:00Z'];
  it.each([
    ...['', '/', start, 'soon/later', `${end}/${start}`, `${start}/${start}`],
    ...[` ${start}/${end}`, `${start}/${end} `, `${start}/${end}/${end}`],
  ])('reads no validity in %j', (text) => {
    expect(keyValidityIn({ [KEY_ANNOTATIONS.validity]: text })).toBeUndefined();
  });
  it('reads no validity where there is no annotation', () => {
    expect([keyValidityIn(undefined), keyValidityIn({})]).toEqual([undefined, undefined]);
  });
});
