import { encodeUtf8, SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { MAX_BULK_ITEMS, MAX_BULK_OBJECTS, readSealedSecrets } from './bulk-body.ts';

const sealedOf = (items: number) => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name: 'db', namespace: 'blue' },
  spec: { encryptedData: Object.fromEntries(Array.from({ length: items }, (_, at) => [`i${at}`, ''])) },
});
const read = (body: unknown) => readSealedSecrets(encodeUtf8(JSON.stringify(body)));
const codeOf = (reading: () => unknown) => {
  try {
    reading();
    return 'read';
  } catch (error) {
    return error instanceof SealedSecretsError ? error.code : 'unknown';
  }
};

describe('readSealedSecrets', () => {
  it('gives the objects in order, and undefined for what is none', () => {
    const names = read({ kind: 'List', items: [sealedOf(1), null, 7, 'x', [], {}, sealedOf(2)] }).map(
      (object) => object && Object.keys(object.spec.encryptedData).length,
    );
    expect(names).toEqual([1, undefined, undefined, undefined, undefined, undefined, 2]);
    expect(read({ items: [] })).toEqual([]);
  });
  it.each([null, 7, 'x', [], {}, { items: null }, { items: {} }, { items: 'x' }])('refuses %j', (body) => {
    expect(codeOf(() => read(body))).toBe('ERR_MANIFEST_INVALID');
  });
  it.each([undefined, null, '{"items":[]}', { items: [] }])('refuses %j, which is no body', (body) => {
    expect(codeOf(() => readSealedSecrets(body))).toBe('ERR_MANIFEST_INVALID');
  });
  it('does not parse a body of more values than one object may have, and quotes none', () => {
    const bytes = encodeUtf8(`{"items":[${'"canary",'.repeat(32_768)}`);
    expect(() => readSealedSecrets(bytes)).toThrow('the document has too many values');
    expect(() => readSealedSecrets(encodeUtf8('{"canary'))).toThrow('the document cannot be read');
    expect(() => readSealedSecrets(encodeUtf8('{"canary'))).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('canary') }),
    );
  });
  it.each([
    [Array.from({ length: MAX_BULK_OBJECTS }, () => ({})), 'read'],
    [Array.from({ length: MAX_BULK_OBJECTS + 1 }, () => ({})), 'ERR_OBJECT_TOO_LARGE'],
    [[sealedOf(MAX_BULK_ITEMS - 1), null, sealedOf(1)], 'read'],
    [[sealedOf(MAX_BULK_ITEMS - 1), null, sealedOf(2)], 'ERR_OBJECT_TOO_LARGE'],
  ])('bounds the objects of a request, and their items', (items, expected) => {
    expect(codeOf(() => read({ items }))).toBe(expected);
  });
});
