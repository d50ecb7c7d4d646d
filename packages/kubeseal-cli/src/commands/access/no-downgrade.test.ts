import { encodeBase64, generateKeyPair, parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { checkedObject } from '../../controller/check-answer.ts';
import { STAGE } from '../../testing/v2/sealed.ts';
import { sealAgain } from './seal-value.ts';

const value = new Uint8Array([1]);
const rsa = await generateKeyPair(2048);
const v2 = encodeBase64(await STAGE.pair.seal(value, new Uint8Array()));
const v1 = encodeBase64(await rsa.seal(value, new Uint8Array()));
const objectWith = (a: string) => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name: 'db', namespace: 'shop' },
  spec: { encryptedData: { a } },
});
const sealedSecret = parseSealedSecret(objectWith(v2));

describe('a value of format v2', () => {
  it('is not sealed again for RSA unless somebody asks for that', async () => {
    const again = (mayDowngrade: boolean) =>
      sealAgain(
        { sealedSecret, label: 'db' },
        { item: 'a', value },
        { recipient: rsa, terms: {}, mayDowngrade },
      );
    await expect(again(false)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    expect(await again(true)).toBeTypeOf('string');
  });
  it('is not taken as one of format v1 from a controller', () => {
    expect(() => checkedObject(objectWith(v1), sealedSecret)).toThrow(
      expect.objectContaining({ code: 'ERR_API_REJECTED' }),
    );
    expect(checkedObject(objectWith(v2), sealedSecret)).toMatchObject({ kind: 'SealedSecret' });
  });
});
