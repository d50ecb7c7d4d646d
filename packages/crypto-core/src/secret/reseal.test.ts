import { beforeAll, describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import type { KeyPair } from '../value/key.ts';
import { KeyRing } from '../value/key-ring.ts';
import { openItems } from './open-items.ts';
import { resealSecret, resealStale } from './reseal.ts';
import type { SealedSecret, Secret } from './resource.ts';
import { sealSecret } from './seal.ts';
import { unsealSecret } from './unseal.ts';

const SCOPES = ['cluster-wide', 'namespace-wide', 'strict'] as const;

const CLUSTER = 'sealedsecrets.bitnami.com/cluster-wide';
const NAMESPACE = 'sealedsecrets.bitnami.com/namespace-wide';
let old: KeyPair;
let fresh: KeyPair;
beforeAll(async () => {
  old = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
  fresh = await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem'));
});
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'blue' },
  data: JSON.parse('{"password":"czNjcmV0","__proto__":"AP8=","empty":""}'),
};

describe('resealSecret', () => {
  it.each(SCOPES)('makes a %s object that only the new key opens, under the same scope', async (scope) => {
    const sealed = await sealSecret(secret, old, scope);
    const resealed = await resealSecret(sealed, KeyRing.of(fresh, old), fresh);
    expect(resealed.metadata).toEqual(sealed.metadata);
    const { secret: opened, openedBy } = await unsealSecret(resealed, KeyRing.of(fresh));
    expect(opened.data).toEqual(secret.data);
    expect(new Set(openedBy.values())).toEqual(new Set([fresh.id]));
    await expect(openItems(resealed, KeyRing.of(old))).rejects.toMatchObject({
      code: 'ERR_NO_KEY_OPENS_VALUE',
    });
  });
  it('keeps the template byte for byte and renders nothing', async () => {
    const template = {
      type: 'custom',
      data: { conf: '{{ fail .password }}\n', none: null },
      metadata: { annotations: { z: '1', a: '2' }, name: 'other', custom: [1, null] },
    };
    const sealed = await sealSecret(secret, old);
    const given: SealedSecret = { ...sealed, spec: { ...sealed.spec, template } };
    const resealed = await resealSecret(given, KeyRing.of(old), fresh);
    expect(JSON.stringify(resealed.spec.template)).toBe(JSON.stringify(template));
    expect(Object.keys(resealed.spec.encryptedData)).toEqual(Object.keys(sealed.spec.encryptedData));
  });
  it.each([CLUSTER, NAMESPACE])(
    'takes no scope from the template: %s there widens nothing (CVE-2026-22728)',
    async (annotation) => {
      const sealed = await sealSecret(secret, old);
      const template = { metadata: { annotations: { [annotation]: 'true' } } };
      const resealed = await resealSecret(
        { ...sealed, spec: { ...sealed.spec, template } },
        KeyRing.of(old),
        fresh,
      );
      expect(resealed.metadata).toEqual({ name: 'db', namespace: 'blue' });
      const moved = {
        ...resealed,
        metadata: { name: 'db', namespace: 'red', annotations: { [annotation]: 'true' } },
      };
      await expect(openItems(moved, KeyRing.of(fresh))).rejects.toMatchObject({
        code: 'ERR_NO_KEY_OPENS_VALUE',
      });
      expect((await openItems(resealed, KeyRing.of(fresh))).values.size).toBe(3);
    },
  );
  it('refuses an object whose own annotation claims a wider scope than its values have', async () => {
    const sealed = await sealSecret(secret, old);
    const metadata = { ...sealed.metadata, annotations: { [CLUSTER]: 'true' } };
    const resealing = resealSecret({ ...sealed, metadata }, KeyRing.of(old), fresh);
    await expect(resealing).rejects.toMatchObject({ code: 'ERR_NO_KEY_OPENS_VALUE' });
  });
  it('refuses legacy data instead of dropping it', async () => {
    const legacy: SealedSecret = {
      ...(await sealSecret(secret, old)),
      spec: { encryptedData: {}, data: 'x' },
    };
    const resealing = resealSecret(legacy, KeyRing.of(old), fresh);
    await expect(resealing).rejects.toMatchObject({ code: 'ERR_MANIFEST_INVALID' });
  });
});

describe('resealStale', () => {
  it('leaves an object byte for byte whose items are all sealed for the recipient', async () => {
    const sealed = await sealSecret(secret, fresh, 'namespace-wide');
    const resealed = await resealStale(sealed, KeyRing.of(fresh, old), fresh);
    expect(JSON.stringify(resealed)).toBe(JSON.stringify(sealed));
  });
  it('seals only the items again that another key opens, in their places', async () => {
    const [stale, current] = [await sealSecret(secret, old), await sealSecret(secret, fresh)];
    const items = Object.entries(stale.spec.encryptedData).map(([item, text]) => [
      item,
      item === 'password' ? text : current.spec.encryptedData[item],
    ]);
    const mixed = { ...stale, spec: { encryptedData: Object.fromEntries(items) as Record<string, string> } };
    const resealed = await resealStale(mixed, KeyRing.of(fresh, old), fresh);
    const after = Object.entries(resealed.spec.encryptedData);
    expect(after.map(([item]) => item)).toEqual(items.map(([item]) => item));
    const changed = after.filter(([, text], at) => text !== items[at]?.[1]);
    expect(changed.map(([item]) => item)).toEqual(['password']);
    const { openedBy } = await openItems(resealed, KeyRing.of(fresh));
    expect([...openedBy.keys()].sort()).toEqual(['__proto__', 'empty', 'password']);
  });
  it('takes an item that looks current but does not open for none that is', async () => {
    const sealed = await sealSecret(secret, fresh);
    const moved = { ...sealed, metadata: { ...sealed.metadata, name: 'other' } };
    await expect(resealStale(moved, KeyRing.of(fresh), fresh)).rejects.toMatchObject({
      code: 'ERR_NO_KEY_OPENS_VALUE',
    });
  });
});
