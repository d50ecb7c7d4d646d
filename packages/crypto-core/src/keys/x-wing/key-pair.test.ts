import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../../test/vectors/read.ts';
import { vectorKey } from '../../../../../test/vectors/v2/vectors.ts';
import { type Bytes, concatBytes, encodeUtf8 } from '../../bytes.ts';
import { encryptionLabel } from '../../secret/scope.ts';
import { parseEnvelope } from '../../value/format-table.ts';
import { KeyRing } from '../../value/key-ring.ts';
import { openEnvelope, openValue } from '../../value/open-value.ts';
import { importKeyPair } from '../key-pair.ts';
import { XWingKeyPair } from './key-pair.ts';
import { groupRecipients, importRecipient } from './recipient.ts';

const label = encryptionLabel('strict', 'shop', 'db');
const value = encodeUtf8('hunter2');
const noKeyOpens = { code: 'ERR_NO_KEY_OPENS_VALUE', message: 'no key could decrypt secret' };
const malformed = { code: 'ERR_ENVELOPE_MALFORMED' };
const keyOf = (byte: number) => vectorKey(Buffer.alloc(32, byte).toString('hex'));
const [a, b, c] = await Promise.all([keyOf(1), keyOf(2), keyOf(3)]);
const sealed = await groupRecipients([a.recipient, b.recipient]).seal(value, label);

const openedBy = async (bytes: Bytes, key: XWingKeyPair, under = label, item = '') =>
  (await openEnvelope(parseEnvelope(bytes), KeyRing.of(key), { label: under, item })).plaintext;
/** The value with one bit changed. */
const flipped = (bytes: Bytes, at: number, mask = 1) => bytes.with(at, (bytes[at] ?? 0) ^ mask) as Bytes;

describe('a value of format v2', () => {
  it('opens with the key of each recipient and with no other', async () => {
    expect(await openedBy(sealed, a)).toEqual(value);
    expect(await openedBy(sealed, b)).toEqual(value);
    await expect(openedBy(sealed, c)).rejects.toMatchObject(noKeyOpens);
    const rsa = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
    expect(rsa.mayOpen(parseEnvelope(sealed))).toBe(false);
    expect(await rsa.open(parseEnvelope(sealed), label)).toBeNull();
  });
  it('hides the length of the value in its bucket', async () => {
    const lengths = [0, 1, 60].map(async (bytes) => (await a.seal(new Uint8Array(bytes), label)).length);
    expect(new Set(await Promise.all(lengths))).toEqual(new Set([14 + 1184 + 32 + 64 + 16]));
  });
  it.each([
    ['another name', encryptionLabel('strict', 'shop', 'web')],
    ['another namespace', encryptionLabel('strict', 'lab', 'db')],
    ['namespace-wide', encryptionLabel('namespace-wide', 'shop', 'db')],
    ['cluster-wide', encryptionLabel('cluster-wide', 'shop', 'db')],
  ])('stays closed under %s', async (_what, other) => {
    await expect(openedBy(sealed, a, other)).rejects.toMatchObject(noKeyOpens);
  });
  it('can be bound to its item, and tells when it expires', async () => {
    const expiresAt = new Date('2030-01-02T03:04:05Z');
    const bound = await a.seal(value, label, { item: 'password', expiresAt });
    expect(parseEnvelope(bound)).toMatchObject({ bindsItem: true, expiresAt });
    expect(await openedBy(bound, a, label, 'password')).toEqual(value);
    await expect(openedBy(bound, a, label, 'user')).rejects.toMatchObject(noKeyOpens);
    const free = await a.seal(value, label);
    expect(parseEnvelope(free)).toMatchObject({ bindsItem: false, expiresAt: undefined });
    expect(await openedBy(free, a, label, 'anything')).toEqual(value);
    expect(await openValue(bound, KeyRing.of(a), label, 'password')).toEqual(value);
    await expect(openValue(bound, KeyRing.of(a), label)).rejects.toMatchObject(noKeyOpens);
  });
  it('refuses every single flipped byte, with the same words wherever it can be read', async () => {
    const one = await a.seal(value, label);
    const outcomes = await Promise.all(
      [...one.keys()].map((at) =>
        openedBy(flipped(one, at, 0xff), a).then(
          () => 'opened',
          (error: { code: string; message: string }) => error.code,
        ),
      ),
    );
    expect(outcomes).toHaveLength(1310);
    const [header, rest] = [outcomes.slice(0, 14), outcomes.slice(14)];
    expect(header).not.toContain('opened'); // some change the time of expiry only
    expect(new Set(rest)).toEqual(new Set(['ERR_NO_KEY_OPENS_VALUE']));
  });
  it.each([
    ['item', label, 'i'.repeat(65_536)],
    ['name', encryptionLabel('strict', 'shop', 'n'.repeat(65_536)), 'password'],
  ])(
    'stays closed under an overlong %s, which HPKE cannot bind, and is not sealed for it',
    async (_what, other, item) => {
      const bound = await a.seal(value, label, { item: 'password' });
      await expect(openedBy(bound, a, other, item)).rejects.toMatchObject(noKeyOpens);
      await expect(a.seal(value, other, { item })).rejects.toMatchObject({ code: 'ERR_USAGE' });
    },
  );
  it('refuses every truncation and one byte more', async () => {
    const one = await a.seal(value, label);
    const cut = Array.from({ length: one.length }, (_, length) => one.slice(0, length));
    for (const bytes of [...cut.slice(2), concatBytes(one, new Uint8Array(1))]) {
      await expect(openedBy(bytes, a)).rejects.toMatchObject({ name: 'SealedSecretsError' });
    }
  });
  it('cannot lose, gain or swap a recipient', async () => {
    const [entryA, entryB] = [sealed.slice(14, 1198), sealed.slice(1198, 2382)];
    const [head, tail] = [sealed.slice(0, 14), sealed.slice(2382)];
    const alone = concatBytes(head.with(5, 1), parseId(entryA) === idOf(a) ? entryA : entryB, tail) as Bytes;
    await expect(openedBy(alone, a)).rejects.toMatchObject(noKeyOpens);
    await expect(openedBy(concatBytes(head, entryB, entryA, tail), a)).rejects.toMatchObject(malformed);
    await expect(openedBy(concatBytes(head, entryA, entryA, tail), a)).rejects.toMatchObject(malformed);
    const foreign = await groupRecipients([a.recipient, c.recipient]).seal(value, label);
    const own =
      parseId(foreign.slice(14, 1198)) === idOf(a) ? foreign.slice(14, 1198) : foreign.slice(1198, 2382);
    const entries = [own, parseId(entryA) === idOf(a) ? entryB : entryA].sort((x, y) =>
      parseId(x) < parseId(y) ? -1 : 1,
    );
    await expect(openedBy(concatBytes(head, ...entries, tail), a)).rejects.toMatchObject(noKeyOpens);
  });
  it.each([
    ['version 1', 2, 1],
    ['suite 0', 3, 0],
    ['suite 2', 3, 2],
    ['an unknown flag', 4, 2],
    ['no recipient', 5, 0],
    ['17 recipients', 5, 17],
    ['255 recipients', 5, 255],
    ['a time of expiry that does not exist', 6, 255],
  ])('is malformed with %s', async (_what, at, byte) => {
    expect(() => parseEnvelope(sealed.with(at, byte) as Bytes)).toThrow(expect.objectContaining(malformed));
  });
});

it.each([
  [16, 'ERR_NO_KEY_OPENS_VALUE'],
  [17, 'ERR_ENVELOPE_MALFORMED'],
])('a value with the entries of %i recipients fails with %s', async (count, code) => {
  const entries = Array.from({ length: count }, (_, at) => sealed.slice(14, 1198).fill(at, 0, 1));
  const bytes = concatBytes(sealed.slice(0, 14).with(5, count), ...entries, sealed.slice(2382));
  await expect(openedBy(bytes, a)).rejects.toMatchObject({ code });
});

const parseId = (entry: Bytes) => Buffer.from(entry.subarray(0, 16)).toString('hex');
const idOf = (key: XWingKeyPair) => key.id.slice('v2:'.length);

describe('XWingKeyPair', () => {
  it('opens after a restart what it sealed before', async () => {
    const { publicKey } = a.recipient;
    const again = await XWingKeyPair.of({ seed: new Uint8Array(32).fill(1), publicKey });
    expect(again.id).toBe(a.id);
    expect(await openedBy(sealed, again)).toEqual(value);
  });
  it.each([
    ['too short', new Uint8Array(31)],
    ['that of another key', new Uint8Array(32).fill(2)],
  ])('refuses a seed that is %s', async (_what, seed) => {
    const { publicKey } = a.recipient;
    await expect(XWingKeyPair.of({ seed, publicKey })).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
  it('draws another key each time', async () => {
    const [one, other] = [await XWingKeyPair.generate(), await XWingKeyPair.generate()];
    expect(one.seed).not.toEqual(other.seed);
    expect((await XWingKeyPair.of(one)).id).not.toBe((await XWingKeyPair.of(other)).id);
  });
  it('tells nothing of its private key when it is printed', () => {
    expect(JSON.stringify(a)).not.toMatch(/privateKey|seed/i);
  });
});

describe('groupRecipients', () => {
  it('has one id for the same keys in whatever order', () => {
    const ids = [a, b, c].map(({ id }) => id).sort();
    for (const order of [
      [a, b, c],
      [c, a, b],
    ])
      expect(groupRecipients(order.map(({ recipient }) => recipient)).id).toBe(ids.join(' '));
  });
});

describe('importRecipient', () => {
  it.each([
    ['too short', () => a.recipient.publicKey.slice(1)],
    ['not reduced', () => new Uint8Array(1216).fill(255)],
  ])('refuses a key that is %s', async (_what, bytes) => {
    await expect(importRecipient(bytes() as Bytes)).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
  it.each([0, 1])('seals nothing for a key whose X25519 half hides nothing: the point %i', async (point) => {
    const weak = a.recipient.publicKey.with(1184, point).fill(0, 1185) as Bytes;
    const sealing = importRecipient(weak).then((each) => each.seal(value, label));
    await expect(sealing).rejects.toMatchObject({ code: 'ERR_KEY_INVALID' });
  });
  it.each([0, 1])('opens nothing that was sealed with the X25519 point %i', async (point) => {
    const one = await a.seal(value, label);
    const at = 14 + 16 + 1088;
    const weak = one.with(at, point).fill(0, at + 1, at + 32) as Bytes;
    await expect(openedBy(weak, a)).rejects.toMatchObject(noKeyOpens);
  });
  it('seals nothing for no recipient, for one twice or for 17', async () => {
    const many = await Promise.all(Array.from({ length: 17 }, async (_, at) => (await keyOf(at)).recipient));
    for (const recipients of [[], [a.recipient, a.recipient], many])
      await expect(groupRecipients(recipients).seal(value, label)).rejects.toMatchObject({
        code: 'ERR_USAGE',
      });
  });
});

describe('a time of expiry', () => {
  it.each([
    ['no time', Number.NaN],
    ['1970', 999],
    ['before 1970', -86_400_000],
  ])('is refused, and not left out, for %s', async (_what, timeMs) => {
    const terms = { expiresAt: new Date(timeMs) };
    await expect(a.seal(value, label, terms)).rejects.toMatchObject({ code: 'ERR_USAGE' });
  });
});

describe('RSA keys', () => {
  it('refuse terms that their format cannot keep, instead of dropping them', async () => {
    const rsa = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
    for (const terms of [{ item: 'a' }, { expiresAt: new Date() }])
      await expect(rsa.seal(value, label, terms)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    expect(await openValue(await rsa.seal(value, label), KeyRing.of(rsa), label)).toEqual(value);
  });
});
