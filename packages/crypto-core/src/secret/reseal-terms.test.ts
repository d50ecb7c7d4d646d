import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { vectorKey } from '../../../../test/vectors/v2/vectors.ts';
import { importKeyPair } from '../keys/key-pair.ts';
import { groupRecipients } from '../keys/x-wing/recipient.ts';
import { KeyRing } from '../value/key-ring.ts';
import { valueFactsOf } from '../value/value-facts.ts';
import { openItems } from './open-items.ts';
import { resealSecret, resealStale } from './reseal.ts';
import type { SealedSecret, Secret } from './resource.ts';
import { sealSecret } from './seal.ts';
import { sealItem } from './seal-items.ts';

const keyOf = (byte: number) => vectorKey(Buffer.alloc(32, byte).toString('hex'));
const [older, newer, foreign] = await Promise.all([keyOf(1), keyOf(2), keyOf(3)]);
const rsa = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
const ring = KeyRing.of(newer, older, rsa);
const expiresAt = new Date('2030-01-02T03:04:05Z');
const secret: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'blue' },
  data: { password: 'czNjcmV0', user: 'ZmVybg==' },
};
const usage = { code: 'ERR_USAGE' };
const factsIn = ({ spec }: SealedSecret) =>
  Object.fromEntries(Object.entries(spec.encryptedData).map(([item, text]) => [item, valueFactsOf(text)]));
/** The object with the value of one item from another object. */
const withItem = (sealed: SealedSecret, item: string, { spec }: SealedSecret): SealedSecret => ({
  ...sealed,
  spec: { encryptedData: { ...sealed.spec.encryptedData, [item]: spec.encryptedData[item] ?? '' } },
});

describe('openItems', () => {
  it('reports what each value was sealed with', async () => {
    const bound = await sealSecret(secret, older, 'strict', { bindsItem: true, expiresAt });
    const mixed = withItem(bound, 'user', await sealSecret(secret, rsa));
    const { facts } = await openItems(mixed, ring);
    expect(facts.get('password')).toEqual({
      format: 'v2',
      recipients: [older.id],
      bindsItem: true,
      expiresAt,
    });
    expect(facts.get('user')).toMatchObject({ format: 'v1', recipients: [], bindsItem: false });
  });
});

describe('sealSecret with terms', () => {
  it('binds each value to its own item', async () => {
    const bound = await sealSecret(secret, older, 'strict', { bindsItem: true });
    const { password = '', user = '' } = bound.spec.encryptedData;
    const swapped = { ...bound, spec: { encryptedData: { password: user, user: password } } };
    await expect(openItems(swapped, ring)).rejects.toMatchObject({ code: 'ERR_NO_KEY_OPENS_VALUE' });
    expect((await openItems(bound, ring)).values.size).toBe(2);
  });
  it.each([{ bindsItem: true }, { expiresAt }])('is refused for an RSA key: %o', async (terms) => {
    await expect(sealSecret(secret, rsa, 'strict', terms)).rejects.toMatchObject(usage);
    const place = { scope: 'strict', namespace: 'blue', name: 'db', item: 'a' } as const;
    await expect(sealItem(new Uint8Array(), rsa, place, terms)).rejects.toMatchObject(usage);
  });
});

describe.each([
  ['resealSecret', resealSecret],
  ['resealStale', resealStale],
] as const)('%s of values of format v2', (_name, reseal) => {
  it('keeps expiry and the binding to the item', async () => {
    const bound = await sealSecret(secret, older, 'strict', { bindsItem: true, expiresAt });
    const loose = await sealSecret(secret, older);
    const resealed = await reseal(withItem(bound, 'user', loose), ring, newer);
    const fresh = { format: 'v2', recipients: [newer.id] };
    expect(factsIn(resealed)).toEqual({
      password: { ...fresh, bindsItem: true, expiresAt },
      user: { ...fresh, bindsItem: false, expiresAt: undefined },
    });
    expect((await openItems(resealed, ring)).values.size).toBe(2);
  });
  it('refuses to make them values of v1 without allowDowngrade, and names the items', async () => {
    const bound = await sealSecret(secret, older, 'strict', { bindsItem: true, expiresAt });
    const mixed = withItem(bound, 'user', await sealSecret(secret, rsa));
    await expect(reseal(mixed, ring, rsa)).rejects.toMatchObject({
      ...usage,
      message: 'a value of format v2 must not become one of v1 (password)',
      items: [{ item: 'password', code: 'ERR_USAGE' }],
    });
    const lowered = await reseal(mixed, ring, rsa, { allowDowngrade: true });
    expect(Object.values(factsIn(lowered)).map(({ format }) => format)).toEqual(['v1', 'v1']);
    expect((await openItems(lowered, ring)).values.size).toBe(2);
  });
  it('makes values of v1 values of v2 for a recipient of v2', async () => {
    const resealed = await reseal(await sealSecret(secret, rsa), ring, newer);
    expect(factsIn(resealed)).toMatchObject({ password: { format: 'v2' }, user: { format: 'v2' } });
  });
  it('seals each item for the recipient of its format, and refuses one without', async () => {
    const mixed = withItem(await sealSecret(secret, older), 'user', await sealSecret(secret, rsa));
    const resealed = await reseal(mixed, ring, { v1: rsa, v2: newer });
    expect(factsIn(resealed)).toMatchObject({
      password: { format: 'v2', recipients: [newer.id] },
      user: { format: 'v1' },
    });
    await expect(reseal(mixed, ring, { v1: rsa })).rejects.toMatchObject({
      ...usage,
      message: 'there is no key for format v2 (password)',
      items: [{ item: 'password' }],
    });
  });
  it('takes no key from a value for several without allowFewerKeys', async () => {
    const both = groupRecipients([older.recipient, foreign.recipient]);
    const sealed = await sealSecret(secret, both, 'strict', { expiresAt });
    await expect(reseal(sealed, ring, newer)).rejects.toMatchObject({
      ...usage,
      message: 'a value that 2 keys open must not become one for fewer (password, user)',
    });
    const fewer = await reseal(sealed, ring, newer, { allowFewerKeys: true });
    expect(factsIn(fewer)).toMatchObject({ password: { recipients: [newer.id], expiresAt } });
    const moved = await reseal(sealed, ring, groupRecipients([newer.recipient, foreign.recipient]));
    expect(factsIn(moved)['user']?.recipients).toEqual([newer.id, foreign.id].sort());
  });
});

describe('resealStale of values of format v2', () => {
  it('keeps a value that names all keys of the recipient, and one of these opens it', async () => {
    const three = groupRecipients([older, newer, foreign].map(({ recipient }) => recipient));
    const sealed = await sealSecret(secret, three);
    const ringInOrder = KeyRing.of(older, newer);
    for (const recipient of [newer, groupRecipients([foreign.recipient, newer.recipient]), { v2: newer }])
      expect((await resealStale(sealed, ringInOrder, recipient)).spec).toEqual({
        ...sealed.spec,
        encryptedData: sealed.spec.encryptedData,
      });
  });
  it('seals again what names only some keys of the recipient', async () => {
    const both = groupRecipients([newer.recipient, foreign.recipient]);
    const resealed = await resealStale(await sealSecret(secret, newer), ring, both);
    expect(factsIn(resealed)['user']?.recipients).toEqual(both.id.split(' '));
  });
});
