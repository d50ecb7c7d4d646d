import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { decodeBase64, encodeUtf8 } from '../bytes.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import { parsePem } from '../keys/pem.ts';
import { importPrivateKey, unwrapSessionKey } from '../keys/rsa-oaep.ts';
import { encryptionLabel } from '../secret/scope.ts';
import { encryptValue } from './aes-gcm.ts';
import { parseV1 } from './envelope-v1.ts';
import { parseEnvelope } from './format-table.ts';
import { KeyRing } from './key-ring.ts';
import { openValue } from './open-value.ts';

const document = readFileSync(new URL('../../../../docs/wire-format.md', import.meta.url), 'utf8');
const [figures = '', envelope = ''] = [...document.matchAll(/```text\n([\s\S]*?)```/g)].map(
  ([, block]) => block,
);
const figure = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(figures)?.[1] ?? '';
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('the worked example of docs/wire-format.md', async () => {
  const key = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
  const sealed = decodeBase64(envelope);
  const label = encryptionLabel('strict', 'blue', 'db');
  const sessionKey = new Uint8Array(Buffer.from(figure('session key'), 'hex'));

  it('opens to the value it says', async () => {
    expect(await openValue(sealed, KeyRing.of(key), label)).toEqual(encodeUtf8('s3cret'));
  });
  it('has the key, label, length and parts it says', () => {
    expect(key.id).toBe(figure('fingerprint'));
    expect(hex(label)).toBe(figure('label'));
    expect(String(sealed.length)).toBe(figure('length'));
    expect(hex(sealed.subarray(0, 2))).toBe(figure('n'));
    expect(hex(parseEnvelope(sealed).ciphertext)).toBe(figure('ciphertext and tag'));
  });
  it('wraps the session key it says, which encrypts the value to the bytes it says', async () => {
    const [block] = parsePem(readVector('keys/rsa2048-a.pkcs8.pem'));
    const privateKey = await importPrivateKey(block?.bytes ?? new Uint8Array());
    const { wrappedKey } = parseV1(sealed);
    expect(await unwrapSessionKey(wrappedKey, privateKey, label)).toEqual(sessionKey);
    expect(hex(await encryptValue(encodeUtf8('s3cret'), sessionKey))).toBe(figure('ciphertext and tag'));
  });
});
