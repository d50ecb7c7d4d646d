import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeUtf8, importKeyPair, KeyRing, openItems, type Scope, withScope } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { encryptKeyValues, parsePublicKeyFromCert } from './crypto.ts';

const ROOT = join(import.meta.dirname, '../..');
const vector = (name: string) => readFileSync(join(ROOT, 'test/vectors/kubeseal', name), 'utf8');
const PLACE = { namespace: 'shop', name: 'db' };
const ITEMS = [
  { key: 'password', value: 'hunter2' },
  { key: '10', value: 'grüße\n' },
];

async function sealed(scope: Scope): Promise<Record<string, string>> {
  const publicKey = await parsePublicKeyFromCert(vector('a.crt'));
  if (!publicKey.ok) throw new Error(publicKey.error);
  const result = await encryptKeyValues(publicKey.value, ITEMS, PLACE, scope);
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

describe('the sealing of examples/headlamp', () => {
  it.each(['strict', 'namespace-wide', 'cluster-wide'] as const)(
    'makes values that open, %s',
    async (scope) => {
      const encryptedData = await sealed(scope);
      const keyRing = KeyRing.of(await importKeyPair(vector('a.pkcs1.key')));
      const metadata = { ...PLACE, annotations: withScope({}, scope) };
      const object = {
        apiVersion: 'bitnami.com/v1alpha1',
        kind: 'SealedSecret',
        metadata,
        spec: { encryptedData },
      } as const;
      const { values } = await openItems(object, keyRing);
      const opened = [...values].map(([key, value]) => ({ key, value: decodeUtf8(value) }));
      expect(opened).toEqual(expect.arrayContaining([...ITEMS]));
      expect(opened).toHaveLength(ITEMS.length);
    },
  );
  it('says what is wrong with a certificate, as a result', async () => {
    expect(await parsePublicKeyFromCert('hunter2')).toEqual({
      ok: false,
      error: expect.not.stringContaining('hunter2'),
    });
  });
});
