import { encodeUtf8, type ItemTerms, importKeyPair, sealItem } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { vectorKey } from '../../../../test/vectors/v2/vectors.ts';
import { expiredItems, expiriesOf, listOfItems, refuseByRules } from './value-rules.ts';

const place = { scope: 'strict', namespace: 'shop', name: 'db', item: 'a' } as const;
const { recipient } = await vectorKey('01'.repeat(32));
const v2 = (terms: ItemTerms = {}) => sealItem(encodeUtf8('s3cret'), recipient, place, terms);
const rsa = await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem'));
const old = await sealItem(encodeUtf8('s3cret'), rsa, place);
const NOON = new Date('2026-06-01T12:00:00Z');
const until = (seconds: number) => v2({ expiresAt: new Date(NOON.getTime() + 1_000 * seconds) });
const [past, now, later, forever] = await Promise.all([until(-1), until(0), until(1), v2()]);

const objectOf = (spec: unknown): KubeObject =>
  ({ kind: 'SealedSecret', metadata: { namespace: 'shop', name: 'db' }, spec }) as KubeObject;
const items = { past, now, later, forever, old, broken: 'AAAC', text: '!', none: '' };
const object = objectOf({ encryptedData: { ...items, number: 7, nothing: null } });

describe('the items past their expiry', () => {
  it('are those whose time has come', () => {
    expect(expiredItems(object, NOON)).toEqual(['past', 'now']);
    expect([...expiriesOf(object).keys()]).toEqual(['past', 'now', 'later']);
    expect(expiriesOf(object).get('now')).toEqual(NOON);
  });
  it('are found in legacy data too', () => {
    expect(expiredItems(objectOf({ data: past }), NOON)).toEqual(['data of the spec']);
  });
  it.each([undefined, null, 7, 'x', [], {}, { encryptedData: 'x', data: 7 }])('are none in %j', (spec) => {
    expect(expiredItems(objectOf(spec), NOON)).toEqual([]);
  });
});

describe('refuseByRules', () => {
  const codeOf = (rules: Parameters<typeof refuseByRules>[1], given = object) => {
    try {
      refuseByRules(given, rules, NOON);
      return 'accepted';
    } catch (error) {
      return (error as { readonly message: string }).message;
    }
  };
  it.each([
    ['', {}],
    [', which is reported', { expiryPolicy: 'warn' }],
    [', whose format is asked for elsewhere', { minFormat: { namespaces: new Set(['lab']) } }],
  ] as const)('accepts any object%s', (_why, rules) => {
    expect(codeOf(rules)).toBe('accepted');
  });
  it('names the items that are refused', () => {
    const expired = 'the value is past its expiry, and --expiry-policy=refuse (now, past)';
    const format = 'the value has format v1, and --min-format asks for v2 here: seal it again (old)';
    expect(codeOf({ expiryPolicy: 'refuse' })).toBe(expired);
    for (const namespaces of [undefined, new Set(['lab', 'shop'])])
      expect(codeOf({ minFormat: { namespaces } })).toBe(format);
  });
  it('refuses nothing that has its format and its time', () => {
    const rules = { minFormat: { namespaces: undefined }, expiryPolicy: 'refuse' } as const;
    expect(codeOf(rules, objectOf({ encryptedData: { later, forever } }))).toBe('accepted');
    expect(codeOf(rules, { kind: 'SealedSecret', metadata: {} } as KubeObject)).toBe('accepted');
  });
});

describe('listOfItems', () => {
  const names = (count: number) => Array.from({ length: count }, (_, at) => `i${at + 10}`);
  it.each([
    [[], ''],
    [['b', 'a'], 'a, b'],
    [['a\nb'], '"a\\nb"'],
    [names(20), names(20).join(', ')],
    [names(21), `${names(20).join(', ')} and 1 others`],
  ])('names %j as a message does', (given, text) => {
    expect(listOfItems(given)).toBe(text);
  });
});
