import { describe, expect, it } from 'vitest';
import { countedEntries } from '../../../../test/support/counted-entries.ts';
import { CANARY, errorOf, sealedExample, secretOf } from '../../../../test/support/sealed-example.ts';
import { watchedKey } from '../../../../test/support/watched-key.ts';
import { encodeUtf8 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import { generateKeyPair } from '../keys/key-pair.ts';
import type { Key } from '../value/key.ts';
import { KeyRing } from '../value/key-ring.ts';
import { openItems } from './open-items.ts';
import type { SealedSecret } from './resource.ts';
import { sealSecret } from './seal.ts';

const { key, other, sealed, withSpec } = await sealedExample();

/** The key, and an entry for each value that it tried. */
function counted(of: Key) {
  const trials: string[] = [];
  return { key: watchedKey(of, () => void trials.push(of.id)), trials };
}

describe('openItems', () => {
  it('reports all failing items together, malformed ones first', async () => {
    const encryptedData = {
      z: sealed.spec.encryptedData['b'] ?? '',
      y: '!',
      x: '',
      a: sealed.spec.encryptedData['a'] ?? '',
    };
    const moved = { ...withSpec({ encryptedData }), metadata: { name: 'db', namespace: 'red' } };
    expect(await errorOf(openItems(moved, KeyRing.of(key)))).toMatchObject({
      code: 'ERR_ENVELOPE_MALFORMED',
      message:
        'sealed value is too short: 0 bytes (x)\nillegal base64 data at input byte 0 (y)\nno key could decrypt secret (a, z)',
    });
  });
  it.each([
    ['another namespace', { name: 'db', namespace: 'red' }],
    ['another name', { name: 'db2', namespace: 'blue' }],
    ['no namespace', { name: 'db' }],
    [
      'a wider scope',
      { name: 'db', namespace: 'blue', annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
    ],
  ])('refuses an object moved to %s', async (_, metadata) => {
    expect(await errorOf(openItems({ ...sealed, metadata }, KeyRing.of(key)))).toMatchObject({
      code: 'ERR_NO_KEY_OPENS_VALUE',
      message: 'no key could decrypt secret (a, b)',
    });
  });
  it('leaves items closed once as many wrong keys were tried as the caller allows', async () => {
    const keys = await Promise.all([1, 2, 3, 4].map(() => generateKeyPair(2048)));
    const names = Array.from({ length: 40 }, (_, index) => `i${index}`);
    const parts = await Promise.all(
      keys.map((recipient) =>
        sealSecret(secretOf(Object.fromEntries(names.map((name) => [name, 'v']))), recipient),
      ),
    );
    const encryptedData = Object.fromEntries(
      names.map((name, index) => [name, parts[index % 4]?.spec.encryptedData[name] ?? '']),
    );
    const mixed = { ...sealed, spec: { encryptedData } };
    const counters = keys.map(counted);
    const ring = KeyRing.of(...counters.map((counter) => counter.key));
    const trials = () => counters.flatMap((counter) => counter.trials).length;
    expect((await openItems(mixed, ring)).values.size).toBe(40);
    const all = trials();
    const opening = openItems(mixed, ring, { stopsAtFailure: true, maxMisses: 10, itemsAtOnce: 2 });
    expect(await errorOf(opening)).toMatchObject({ code: 'ERR_NO_KEY_OPENS_VALUE' });
    expect(trials() - all).toBeLessThan(40);
  });
  it('tries the key of the first item first for the others, while other objects are opened with other keys', async () => {
    let trials = 0;
    const counted = (of: Key) =>
      watchedKey(of, () => {
        trials += 1;
      });
    const others = await sealSecret(secretOf({ a: '1', b: '2' }), other);
    const ring = KeyRing.of(counted(other), counted(key));
    const open = (object: SealedSecret) => openItems(object, ring);
    await Promise.all([open(sealed), open(others), open(sealed), open(others)]);
    const first = 2 * 2 + 2 * 1; // the newest key comes first and fits only half of the objects
    expect(trials).toBe(first + 4);
  });
  it('tries the key that opened one item before the hints of the caller', async () => {
    const watched = counted(other);
    const ring = KeyRing.of(watched.key, key);
    expect((await openItems(sealed, ring, { hints: [other.id] })).values.size).toBe(2);
    expect(watched.trials).toEqual([other.id]);
  });
  it('opens an object without items into nothing', async () => {
    const opened = await openItems(withSpec({ encryptedData: {} }), KeyRing.of(key));
    expect([opened.values.size, opened.openedBy.size, opened.facts.size]).toEqual([0, 0, 0]);
  });
  it.each([
    [1, ['b', 'c']],
    [2, ['c']],
  ])('tries %i wrong keys where the caller allows as many, which leaves %j', async (maxMisses, left) => {
    const others = await sealSecret(secretOf({ b: '2' }), other);
    const { a = '' } = sealed.spec.encryptedData;
    const { b = '' } = others.spec.encryptedData;
    const watched = counted(other);
    const mixed = withSpec({ encryptedData: { a, b, c: a } });
    // a needs one wrong key, and so does b, which then comes after the key of a
    const opening = openItems(mixed, KeyRing.of(watched.key, key), { maxMisses, itemsAtOnce: 1 });
    const { items } = (await errorOf(opening)) as SealedSecretsError;
    expect(items.map(({ item }) => item)).toEqual(left);
  });
  it('passes on the fault of a key instead of reporting a value that no key opens', async () => {
    const unreachable = new SealedSecretsError('ERR_API_UNAVAILABLE', 'the key service does not answer');
    let calls = 0;
    const away: Key = {
      ...watchedKey(key, () => undefined),
      open: () => {
        calls += 1;
        return Promise.reject(unreachable);
      },
    };
    const text = sealed.spec.encryptedData['a'] ?? '';
    const names = Array.from({ length: 100 }, (_, index) => `i${index}`);
    const many = withSpec({ encryptedData: Object.fromEntries(names.map((name) => [name, text])) });
    expect(await errorOf(openItems(many, KeyRing.of(other, away)))).toBe(unreachable);
    expect(calls).toBe(1);
  });
  it.each(['ERR_NO_KEY_OPENS_VALUE', 'ERR_ENVELOPE_MALFORMED'] as const)(
    'says that a key cannot be used if that key is sealed itself and ends with %s',
    async (code) => {
      const cause = new SealedSecretsError(code, 'the wrapped key cannot be opened');
      const wrapped = { ...watchedKey(key, () => undefined), open: () => Promise.reject(cause) };
      expect(await errorOf(openItems(sealed, KeyRing.of(wrapped)))).toMatchObject({
        code: 'ERR_KEY_INVALID',
        message: `the sealing key ${key.id} cannot be used`,
        cause,
      });
    },
  );
  it('ignores scope annotations of the template', async () => {
    const template = { metadata: { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } } };
    expect((await openItems(withSpec({ template }), KeyRing.of(key))).values.size).toBe(2);
  });
  it('lets values of one object be swapped between its items, as the format does not bind them', async () => {
    const { a = '', b = '' } = sealed.spec.encryptedData;
    const { values } = await openItems(withSpec({ encryptedData: { a: b, b: a } }), KeyRing.of(key));
    expect(values.get('b')).toEqual(encodeUtf8(CANARY));
  });
  it('never shows plaintext or ciphertext, whatever makes the opening fail', async () => {
    const { a = '', b = '' } = sealed.spec.encryptedData;
    const broken = [
      a.slice(0, -8),
      `${a}!`,
      a.slice(1),
      `${a.slice(0, 100)}${a[100] === 'A' ? 'B' : 'A'}${a.slice(101)}`,
      '',
      b.replace(/./, 'B'),
    ];
    const failures = broken.map((text) =>
      errorOf(openItems(withSpec({ encryptedData: { a, item: text } }), KeyRing.of(key))),
    );
    const wrongKey = errorOf(openItems(sealed, KeyRing.of(other)));
    const wrongPlace = errorOf(
      openItems({ ...sealed, metadata: { name: 'x', namespace: 'y' } }, KeyRing.of(key)),
    );
    for (const { message, stack, cause } of await Promise.all([...failures, wrongKey, wrongPlace])) {
      for (const piece of [CANARY, ...(a.match(/.{12}/g) ?? []), ...(b.match(/.{12}/g) ?? [])]) {
        expect(`${message} ${stack} ${cause}`).not.toContain(piece);
      }
    }
  });
  it('stops trying once a few items stayed closed, and says how many are left', async () => {
    const { key: watched, trials } = counted(other);
    const text = sealed.spec.encryptedData['a'] ?? '';
    const names = Array.from({ length: 2_000 }, (_, index) => `i${index}`);
    const many = withSpec({ encryptedData: Object.fromEntries(names.map((name) => [name, text])) });
    const error = (await errorOf(openItems(many, KeyRing.of(watched)))) as SealedSecretsError;
    expect(error).toMatchObject({ code: 'ERR_NO_KEY_OPENS_VALUE' });
    expect(trials.length).toBe(error.items.length);
    expect(trials.length).toBeGreaterThanOrEqual(10);
    expect(trials.length).toBeLessThan(20); // 10, and those that were under way
    expect(error.message).toMatch(
      new RegExp(`^no key could decrypt secret \\(i0, .*\\)\nand ${2_000 - trials.length} more not tried$`),
    );
  });
  it('opens an object of many items however many keys must be tried for them', async () => {
    const texts = {
      b: 'two',
      ...Object.fromEntries(Array.from({ length: 1_200 }, (_, index) => [`i${index}`, 'x'])),
    };
    const [left, right] = await Promise.all(
      [key, other].map((recipient) => sealSecret(secretOf(texts), recipient)),
    );
    const mixed = Object.entries(left?.spec.encryptedData ?? {}).map(([item, text], index) => [
      item,
      index % 2 === 0 ? text : (right?.spec.encryptedData[item] ?? ''),
    ]);
    const opened = await openItems(
      withSpec({ encryptedData: Object.fromEntries(mixed) }),
      KeyRing.of(key, other),
    );
    expect(opened.values.size).toBe(1_201);
  });
  it.each([
    ['20 of them that are malformed', false, 20],
    ['the first one that is malformed, when the caller only needs a yes or no', true, 1],
  ])('reads no more items than %s', async (_, stopsAtFailure, expected) => {
    const { entries, read } = countedEntries(50_000, '');
    const watched = counted(key);
    const items = withSpec({ encryptedData: entries });
    const error = await errorOf(openItems(items, KeyRing.of(watched.key), { stopsAtFailure }));
    expect(error).toMatchObject({ code: 'ERR_ENVELOPE_MALFORMED', items: { length: expected } });
    expect(error.message).toContain(`\nand ${50_000 - expected} more not tried`);
    expect([read(), watched.trials.length]).toEqual([expected, 0]);
  });
  it.each([
    ['the first', { a: 'x', b: 'a', c: 'a' }, 1],
    ['a malformed one', { a: 'a', b: 'a', c: '!' }, 0],
  ])(
    'stops at %s that cannot be opened, when the caller only needs a yes or no',
    async (_, kinds, expected) => {
      const watched = counted(key);
      const foreign = (await sealSecret(secretOf({ a: 'x' }), other)).spec.encryptedData['a'] ?? '';
      const encryptedData = Object.fromEntries(
        Object.entries(kinds).map(([item, kind]) => [
          item,
          kind === 'a' ? (sealed.spec.encryptedData['a'] ?? '') : kind === 'x' ? foreign : kind,
        ]),
      );
      const opening = openItems(withSpec({ encryptedData }), KeyRing.of(watched.key), {
        stopsAtFailure: true,
      });
      expect(await errorOf(opening)).toBeInstanceOf(SealedSecretsError);
      expect(watched.trials.length).toBe(expected);
    },
  );
});
