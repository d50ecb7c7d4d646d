import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readVector } from '../../../../test/vectors/read.ts';
import { decodeBase64, decodeUtf8 } from '../bytes.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import { parseCertificate } from '../keys/new-certificate.ts';
import type { KeyPair } from '../value/key.ts';
import { KeyRing } from '../value/key-ring.ts';
import { openValue } from '../value/open-value.ts';
import { parseSealedSecret, parseSecret } from './parse.ts';
import { encryptionLabel } from './scope.ts';
import { plaintextOf, sealSecret } from './seal.ts';
import { unsealSecret } from './unseal.ts';

const SCOPES = ['cluster-wide', 'namespace-wide', 'strict'] as const;

/** Sealed by upstream's kubeseal; test/vectors says how. */
const secretOf = (file: string) => parseSecret(parse(readVector(file)));
const sealedOf = (file: string) => parseSealedSecret(parse(readVector(file)));
let key4096: KeyPair;
let key2048: KeyPair;
beforeAll(async () => {
  key4096 = await importKeyPair(readVector('kubeseal/a.pkcs1.key'));
  key2048 = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
});

describe('what upstream sealed', () => {
  it.each(['strict', 'tls'])('opens to the original Secret: kubeseal/out-%s.yaml', async (name) => {
    const original = secretOf(`kubeseal/in-${name}.yaml`);
    const { secret } = await unsealSecret(
      sealedOf(`kubeseal/out-${name}.yaml`),
      KeyRing.of(key2048, key4096),
    );
    expect(plaintextOf(secret)).toEqual(plaintextOf(original));
    expect(secret.metadata).toEqual(original.metadata);
    expect([secret.type, secret.immutable]).toEqual([original.type, original.immutable]);
  });
  it('opens as a raw value: kubeseal/out-raw-strict.txt', async () => {
    const sealed = decodeBase64(readVector('kubeseal/out-raw-strict.txt'));
    const opened = await openValue(sealed, KeyRing.of(key4096), encryptionLabel('strict', 'blue', 'strict'));
    expect(decodeUtf8(opened)).toBe('raw value');
  });
  it.each(SCOPES)('opens under scope %s: kubeseal-v0.27.1', async (scope) => {
    const sealed = sealedOf(`kubeseal-v0.27.1/${scope}.json`);
    const { secret } = await unsealSecret(sealed, KeyRing.of(key2048));
    const texts = [...plaintextOf(secret)].map(([item, value]) => [item, decodeUtf8(value)]);
    expect(Object.fromEntries(texts)).toEqual({ password: `s3cret of ${scope}`, 10: 'ten', 9: 'nine' });
  });
  it('opens under a name beyond ASCII: kubeseal-v0.27.1/raw-unicode.txt', async () => {
    const sealed = decodeBase64(readVector('kubeseal-v0.27.1/raw-unicode.txt'));
    const label = encryptionLabel('strict', 'grün', 'schlüssel');
    expect(decodeUtf8(await openValue(sealed, KeyRing.of(key2048), label))).toBe('naïve');
  });
});

describe('what we seal', () => {
  it.each(['strict', 'tls'])('differs from upstream in ciphertext only: %s', async (name) => {
    const { recipient } = await parseCertificate(readVector('kubeseal/a.crt'));
    const [ours, theirs] = [
      await sealSecret(secretOf(`kubeseal/in-${name}.yaml`), recipient),
      sealedOf(`kubeseal/out-${name}.yaml`),
    ];
    const lengths = (items: Readonly<Record<string, string>>) =>
      Object.entries(items).map(([item, text]) => [item, text.length]);
    expect(lengths(ours.spec.encryptedData)).toEqual(lengths(theirs.spec.encryptedData));
    expect({ ...ours, spec: ours.spec.template }).toEqual({ ...theirs, spec: theirs.spec.template });
  });
});
