import {
  encodeBase64,
  encryptionLabel,
  type KeyPair,
  KeyRing,
  openItems,
  parseSealedSecret,
} from '@fuin/crypto-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { readXWingSecret } from '../../packages/controller/src/keys/x-wing-secret.ts';
import { xWingKeySecret } from '../../packages/controller/src/testing/recorders.ts';
import { useWorld } from '../support/use-world.ts';
import { watchedKey } from '../support/watched-key.ts';

const ENTRY_BYTES = 1184;
const HEADER_BYTES = 14;
const holder = useWorld();
const label = encryptionLabel('strict', 'n', 'db');
let pair: KeyPair;
let honest: Buffer;
beforeAll(async () => {
  pair = (await readXWingSecret(await xWingKeySecret('k', { notBefore: new Date() }))).keyPair;
  honest = Buffer.from(await pair.seal(Buffer.from('s3cret'), label));
});

const withByte = (at: number, byte: number) => Buffer.from(honest).fill(byte, at, at + 1);
const entry = () => honest.subarray(HEADER_BYTES, HEADER_BYTES + ENTRY_BYTES);
const tail = () => honest.subarray(HEADER_BYTES + ENTRY_BYTES);
const head = (count: number) => withByte(5, count).subarray(0, HEADER_BYTES);
const entries = (count: number) => Array.from({ length: count }, (_, at) => numbered(at));
/** An entry with a key id of its own, in order. */
function numbered(at: number): Buffer {
  const own = Buffer.from(entry());
  own.writeUInt32BE(at, 0);
  return own;
}

/** Opens one item; gives the error, and how often the private key was used. */
async function attempt(value: Buffer) {
  let used = 0;
  const counted = watchedKey(pair, () => {
    used += 1;
  });
  const sealed = parseSealedSecret({
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { namespace: 'n', name: 'db' },
    spec: { encryptedData: { evil: encodeBase64(value) } },
  });
  const error = await openItems(sealed, KeyRing.of(counted)).catch((failure: unknown) => failure);
  return { error, used };
}

const HOSTILE: readonly (readonly [string, () => Buffer])[] = [
  ['10,000 recipients', () => Buffer.concat([head(255), ...entries(10_000), tail()])],
  ['10,000 recipients of which it names 16', () => Buffer.concat([head(16), ...entries(10_000), tail()])],
  ['no recipient', () => Buffer.concat([head(0), tail()])],
  ['one recipient twice', () => Buffer.concat([head(2), entry(), entry(), tail()])],
  ['recipients in another order', () => Buffer.concat([head(2), numbered(2), numbered(1), tail()])],
  ['an unknown suite', () => withByte(3, 2)],
  ['an unknown version', () => withByte(2, 255)],
  ['an unknown flag', () => withByte(4, 255)],
  ['more recipients than bytes', () => withByte(5, 16)],
  ['a time of expiry beyond all time', () => withByte(6, 255)],
  ['a header and nothing else', () => honest.subarray(0, HEADER_BYTES)],
  ['a ciphertext that ends too early', () => honest.subarray(0, -1)],
];

describe('a hostile value of format v2', () => {
  it.each(HOSTILE)(
    'costs no private-key operation, and the error names its item: %s',
    async (what, value) => {
      const { error, used } = await attempt(value());
      expect(used).toBe(0);
      expect(error).toMatchObject({ items: [{ item: 'evil' }], message: expect.stringMatching(/\(evil\)$/) });
      const isOnlyClosed = what.includes('names 16');
      expect(error).toMatchObject({
        code: isOnlyClosed ? 'ERR_NO_KEY_OPENS_VALUE' : 'ERR_ENVELOPE_MALFORMED',
      });
    },
  );
  it('whose item has a name that nothing can be sealed for is closed like any other', async () => {
    const bound = encodeBase64(await pair.seal(Buffer.from('s3cret'), label, { item: 'evil' }));
    const sealed = parseSealedSecret({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { namespace: 'n', name: 'db' },
      spec: { encryptedData: { ['e'.repeat(70_000)]: bound } },
    });
    await expect(openItems(sealed, KeyRing.of(pair))).rejects.toMatchObject({
      code: 'ERR_NO_KEY_OPENS_VALUE',
    });
  });
  it('costs few operations where it names our key for hundreds of items, none of which opens', async () => {
    let used = 0;
    const counted = watchedKey(pair, () => {
      used += 1;
    });
    const closed = encodeBase64(withByte(honest.length - 1, (honest.at(-1) ?? 0) ^ 1));
    const items = Array.from({ length: 800 }, (_, at) => [`item-${at}`, closed]);
    const sealed = parseSealedSecret({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { namespace: 'n', name: 'db' },
      spec: { encryptedData: Object.fromEntries(items) },
    });
    await expect(openItems(sealed, KeyRing.of(counted))).rejects.toMatchObject({
      code: 'ERR_NO_KEY_OPENS_VALUE',
    });
    expect(used).toBeLessThan(20);
  });
  it('is reported by the controller with object and item, and others are served', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const object = await world.seal({ namespace, name: 'evil' }, {});
    const small = HOSTILE.filter(([, value]) => value().length < 100_000);
    const values = small.map(([, value], at) => [`item-${at}`, encodeBase64(value())]);
    await world.apply({
      ...object,
      spec: { ...(object['spec'] as object), encryptedData: Object.fromEntries(values) },
    });
    const refusal = await world.untilSynced(namespace, 'evil', 'False');
    expect(refusal).toMatchObject({ reason: 'MalformedValue' });
    for (const [item = ''] of values) expect(refusal.message).toContain(item);
    await world.apply(await world.seal({ namespace, name: 'honest' }, { password: 'p' }));
    await world.untilItem(namespace, 'honest', ['password', 'p']);
  });
});
