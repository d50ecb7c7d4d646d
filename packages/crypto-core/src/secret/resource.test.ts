import { describe, expect, it } from 'vitest';
import { API_VERSION, KIND, ownerReferenceTo } from './resource.ts';

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
