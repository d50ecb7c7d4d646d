import { encodeUtf8, encryptionLabel, generateKeyPair, KeyRing, openValue } from '@fuin/crypto-core';
import { expect, it } from 'vitest';
import { meteredRing } from './metered-ring.ts';

it('a metered ring opens what its keys open, and counts the keys that did not', async () => {
  const [first, second, third] = [
    await generateKeyPair(2048),
    await generateKeyPair(2048),
    await generateKeyPair(2048),
  ];
  const label = encryptionLabel('strict', 'blue', 'db');
  const { ring, misses } = meteredRing(KeyRing.of(first, second));
  expect(misses()).toBe(0);
  const sealed = await second.seal(encodeUtf8('s3cret'), label);
  expect(await openValue(sealed, ring, label)).toEqual(encodeUtf8('s3cret'));
  expect(misses()).toBe(1); // the first key
  expect(await openValue(sealed, ring, label)).toEqual(encodeUtf8('s3cret'));
  expect(misses()).toBe(1); // the key that fitted last comes first
  const foreign = await third.seal(encodeUtf8('s3cret'), label);
  await expect(openValue(foreign, ring, label)).rejects.toMatchObject({ code: 'ERR_NO_KEY_OPENS_VALUE' });
  expect(misses()).toBe(3);
});
