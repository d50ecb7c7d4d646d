import { NotSupportedError, ValidationError } from 'hpke';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../../test/vectors/read.ts';
import { FILE, vectorKey } from '../../../../../test/vectors/v2/vectors.ts';
import { type Bytes, concatBytes, decodeBase64, encodeUtf8 } from '../../bytes.ts';
import { parseEnvelope } from '../../value/format-table.ts';
import { importKeyPair } from '../key-pair.ts';
import { type Decapsulate, XWingKeyPair } from './key-pair.ts';
import { nobleKem } from './noble-kem.ts';
import { groupRecipients } from './recipient.ts';
import { suiteOf } from './suite.ts';

const seed = new Uint8Array(32).fill(1);
const publicKey = decodeBase64(FILE.keys.find((key) => key.seed === '01'.repeat(32))?.publicKey ?? '');
const other = await vectorKey('02'.repeat(32));
const [label, value] = [encodeUtf8('shop/db'), encodeUtf8('hunter2')];
const { hpke, kem } = suiteOf();

/** A key service that keeps the seed, and notes what it gives out, as it is left. */
async function keyService() {
  const [privateKey, key] = [
    await hpke.DeserializePrivateKey(seed, false),
    await hpke.DeserializePublicKey(publicKey),
  ];
  const left: Bytes[] = [];
  const decapsulate: Decapsulate = async (encapsulation) => {
    const secret = concatBytes(await kem.Decap(encapsulation, privateKey, key));
    left.push(secret);
    return secret;
  };
  return { left, decapsulate };
}

describe('a key pair that a key service holds', () => {
  it('opens what is sealed for it, and leaves no secret of the service behind', async () => {
    const { left, decapsulate } = await keyService();
    const pair = await XWingKeyPair.heldBy(decapsulate, publicKey);
    expect(left).toEqual([]);
    const envelope = parseEnvelope(await pair.seal(value, label));
    expect(await pair.open(envelope, label, '')).toEqual(value);
    expect(await pair.open(envelope, encodeUtf8('lab/db'), '')).toBeNull();
    expect(left).toEqual([new Uint8Array(32), new Uint8Array(32)]);
    expect(await pair.isSound()).toBe(true);
  });
  it.each<[string, Bytes | null]>([
    ['nothing', null],
    ['another secret', new Uint8Array(32).fill(9)],
    ['a secret that is too short', new Uint8Array(31)],
  ])('is not sound if the service gives %s', async (_what, secret) => {
    const pair = await XWingKeyPair.heldBy(async () => secret, publicKey);
    expect(await pair.isSound()).toBe(false);
  });
  it('passes a fault of the service on', async () => {
    const fault = new Error('no answer');
    const pair = await XWingKeyPair.heldBy(() => Promise.reject(fault), publicKey);
    await expect(pair.isSound()).rejects.toBe(fault);
  });
});

describe('a key pair of format v2', () => {
  it('tries no value that is not for it', async () => {
    const pair = await XWingKeyPair.heldBy(async () => null, publicKey);
    const rsa = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
    const shared = parseEnvelope(await groupRecipients([other.recipient, pair.recipient]).seal(value, label));
    expect(pair.mayOpen(shared)).toBe(true);
    const foreign = [
      parseEnvelope(await other.seal(value, label)),
      parseEnvelope(await rsa.seal(value, label)),
      { ...shared, suite: 2 },
    ];
    for (const envelope of foreign) {
      expect(pair.mayOpen(envelope)).toBe(false);
      expect(await pair.open(envelope, label, '')).toBeNull();
    }
  });
  it.each([new NotSupportedError('not here'), new ValidationError('not valid')])(
    'is not refused because of a runtime that cannot try it: %s',
    async (fault) => {
      const failing = () => ({ ...nobleKem(), Decap: () => Promise.reject(fault) });
      await expect(XWingKeyPair.of({ seed, publicKey }, suiteOf({ kem: failing }))).rejects.toBe(fault);
    },
  );
});
