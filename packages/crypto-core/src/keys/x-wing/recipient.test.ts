import { NotSupportedError } from 'hpke';
import { describe, expect, it } from 'vitest';
import { FILE } from '../../../../../test/vectors/v2/vectors.ts';
import { decodeBase64, encodeUtf8 } from '../../bytes.ts';
import { WEB_CRYPTO } from '../../value/v2.ts';
import { nobleKem } from './noble-kem.ts';
import { importRecipient } from './recipient.ts';
import { suiteOf } from './suite.ts';

const publicKey = decodeBase64(FILE.keys[0]?.publicKey ?? '');
const [label, value] = [encodeUtf8('shop/db'), encodeUtf8('hunter2')];

describe('a recipient', () => {
  it('says what is wrong with its public key by the cause of the error', async () => {
    await expect(importRecipient(new Uint8Array(1216).fill(255))).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: 'the recipient is not a key of ML-KEM-768 and X25519',
      cause: expect.any(Error),
    });
    const weak = await importRecipient(new Uint8Array([...publicKey.slice(0, 1184), ...new Uint8Array(32)]));
    await expect(weak.seal(value, label)).rejects.toMatchObject({
      code: 'ERR_KEY_INVALID',
      message: 'the recipient is a key that hides nothing',
      cause: expect.any(Error),
    });
  });
  it('is not blamed for what the runtime cannot do', async () => {
    const fault = new NotSupportedError('not here');
    const kem = () => ({ ...nobleKem(), Encap: () => Promise.reject(fault) });
    const recipient = await importRecipient(publicKey, suiteOf({ kem }));
    await expect(recipient.seal(value, label)).rejects.toBe(fault);
  });
  it('seals with the algorithms of its suite', async () => {
    const payloads: number[] = [];
    const encrypt: typeof WEB_CRYPTO.encrypt = (payload, key) => {
      payloads.push(payload.length);
      return WEB_CRYPTO.encrypt(payload, key);
    };
    const recipient = await importRecipient(publicKey, suiteOf({ value: { ...WEB_CRYPTO, encrypt } }));
    await recipient.seal(value, label);
    expect(payloads).toEqual([64]);
  });
});
