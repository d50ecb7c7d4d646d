import { encodeUtf8, encryptionLabel } from '@fuin/crypto-core';
import { importRecipient, suiteOf, XWingKeyPair } from '@fuin/crypto-core/v2';
import { describe, expect, it } from 'vitest';
import { expectationOf, FILE, readingOf } from '../../../test/vectors/v2/vectors.ts';
import { parseEnvelope } from '../../crypto-core/src/value/format-table.ts';
import { NATIVE_ALGORITHMS } from './index.ts';

const [web, native] = [suiteOf(), suiteOf(NATIVE_ALGORITHMS)];
const label = encryptionLabel('strict', 'shop', 'db');
const value = encodeUtf8('hunter2');

describe('the native algorithms', () => {
  it.each(FILE.vectors.map((vector) => [vector.id, vector.what, vector] as const))(
    'read vector %i like Web Crypto: %s',
    async (_id, _what, vector) => expect(await readingOf(vector, native)).toEqual(expectationOf(vector)),
  );
  it('open what Web Crypto seals, and the other way round, with keys that either of them made', async () => {
    for (const maker of [web, native]) {
      const material = await XWingKeyPair.generate(maker);
      const [inWeb, inNative] = [
        await XWingKeyPair.of(material, web),
        await XWingKeyPair.of(material, native),
      ];
      expect(inNative.id).toBe(inWeb.id);
      expect(await inNative.open(parseEnvelope(await inWeb.seal(value, label)), label, '')).toEqual(value);
      expect(await inWeb.open(parseEnvelope(await inNative.seal(value, label)), label, '')).toEqual(value);
    }
  });
  it('derive the same key pair as Web Crypto from the same key material', async () => {
    const ikm = new Uint8Array(32).fill(9);
    const [a, b] = [await web.hpke.DeriveKeyPair(ikm, true), await native.hpke.DeriveKeyPair(ikm, true)];
    expect(await native.hpke.SerializePublicKey(b.publicKey)).toEqual(
      await web.hpke.SerializePublicKey(a.publicKey),
    );
    expect(await native.hpke.SerializePrivateKey(b.privateKey)).toEqual(
      await web.hpke.SerializePrivateKey(a.privateKey),
    );
  });
  it.each([0, 1])('open and seal nothing with the point %i of X25519, which hides nothing', async (point) => {
    const pair = await XWingKeyPair.of(await XWingKeyPair.generate(native), native);
    const sealed = await pair.seal(value, label);
    const at = 14 + 16 + 1088;
    sealed.fill(0, at, at + 32)[at] = point;
    expect(await pair.open(parseEnvelope(sealed), label, '')).toBeNull();
    const weak = pair.recipient.publicKey.slice().fill(0, 1184);
    weak[1184] = point;
    const sealing = importRecipient(weak, native).then((recipient) => recipient.seal(value, label));
    await expect(sealing).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
  it('give a private key out only where it may be extracted', async () => {
    const { privateKey } = await native.hpke.GenerateKeyPair(false);
    await expect(native.hpke.SerializePrivateKey(privateKey)).rejects.toThrow();
    expect(JSON.stringify(privateKey)).not.toMatch(/seed/);
  });
  it('refuse a public key in the place of a private one', async () => {
    const { publicKey } = await native.hpke.GenerateKeyPair(true);
    await expect(native.kem.Decap(new Uint8Array(1120), publicKey, publicKey)).rejects.toThrow(
      'a private key is needed',
    );
    await expect(native.kem.SerializePrivateKey(publicKey)).rejects.toThrow(
      'the private key cannot be extracted',
    );
  });
});
