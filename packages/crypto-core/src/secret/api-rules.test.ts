import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../bytes.ts';
import {
  fitsIntoSecret,
  isItemName,
  isLabelValue,
  isMetadataKey,
  isNamespaceName,
  isObjectName,
  missingForType,
} from './api-rules.ts';

/** What both an object and a namespace can be called, and what neither can. */
const NAMES = ['a', '0', 'a-b', 'a--b', '0a0'];
const NO_NAMES = ['', '-', '-a', 'a-', 'A', 'a_b', 'a b', 'a/b', 'a\n', '\na', '.a', 'a.', 'a..b', 'a.-b'];

describe('isObjectName', () => {
  it.each([...NAMES, 'a.b', '0.a-b.c', 'x'.repeat(253)])('accepts %s', (name) => {
    expect(isObjectName(name)).toBe(true);
  });
  it.each([...NO_NAMES, 'x'.repeat(254)])('refuses %j', (name) => {
    expect(isObjectName(name)).toBe(false);
  });
});

describe('isNamespaceName', () => {
  it.each([...NAMES, 'x'.repeat(63)])('accepts %s', (name) => {
    expect(isNamespaceName(name)).toBe(true);
  });
  it.each([...NO_NAMES, 'a.b', 'x'.repeat(64)])('refuses %j', (name) => {
    expect(isNamespaceName(name)).toBe(false);
  });
});

describe('isItemName', () => {
  it.each(['a', 'A-b_c.d', '.dockercfg', '.a.', 'a.', 'a..b', '-', '_', '0', 'x'.repeat(253)])(
    'accepts %s',
    (name) => {
      expect(isItemName(name)).toBe(true);
    },
  );
  it.each(['', '.', '..', '..a', 'a b', 'a/b', '/a', 'a/', 'a\n', '\na', 'ä', 'x'.repeat(254)])(
    'refuses %j',
    (name) => {
      expect(isItemName(name)).toBe(false);
    },
  );
});

describe('isMetadataKey', () => {
  it.each(['a', 'A-b_c.d', 'app.kubernetes.io/name', `${'x'.repeat(63)}`])('accepts %s', (key) => {
    expect(isMetadataKey(key)).toBe(true);
  });
  it.each(['', '/a', 'a/', 'a/b/c', 'A.b/c', '-a', 'a-', 'a b', 'a\n', 'x'.repeat(64)])(
    'refuses %j',
    (key) => {
      expect(isMetadataKey(key)).toBe(false);
    },
  );
});

describe('isLabelValue', () => {
  it('accepts an empty value, and 63 characters at most', () => {
    expect(['', 'v1.2', '0', 'x'.repeat(63)].map(isLabelValue)).toEqual([true, true, true, true]);
    expect(['-', 'a/b', 'a\n', 'x'.repeat(64)].map(isLabelValue)).toEqual([false, false, false, false]);
  });
});

describe('fitsIntoSecret', () => {
  it.each([
    [0, true],
    [1024 * 1024, true],
    [1024 * 1024 + 1, false],
  ])('says of %i bytes: %s', (bytes, expected) => {
    expect(fitsIntoSecret(bytes)).toBe(expected);
  });
});

describe('missingForType', () => {
  const noCertificate = 'type kubernetes.io/tls needs the item tls.crt';
  const noKey = 'type kubernetes.io/tls needs the item tls.key';
  it.each<[string | undefined, Readonly<Record<string, string>>, readonly string[]]>([
    ['kubernetes.io/tls', {}, [noCertificate, noKey]],
    ['kubernetes.io/tls', { 'tls.crt': '' }, [noKey]],
    ['kubernetes.io/tls', { 'tls.crt': '', 'tls.key': 'no JSON', other: '' }, []],
    [
      'kubernetes.io/basic-auth',
      { user: 'a' },
      ['type kubernetes.io/basic-auth needs the item username or password'],
    ],
    ['kubernetes.io/basic-auth', { username: 'a' }, []],
    ['kubernetes.io/basic-auth', { password: 'a' }, []],
    ['kubernetes.io/ssh-auth', {}, ['type kubernetes.io/ssh-auth needs the item ssh-privatekey']],
    ['kubernetes.io/dockercfg', {}, ['type kubernetes.io/dockercfg needs the item .dockercfg']],
    ['kubernetes.io/dockercfg', { '.dockercfg': '{' }, ['the item .dockercfg must be JSON']],
    [
      'kubernetes.io/dockerconfigjson',
      { '.dockerconfigjson': '' },
      ['the item .dockerconfigjson must be JSON'],
    ],
    ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{}' }, []],
    ['Opaque', { '.dockercfg': '{' }, []],
    ['toString', {}, []],
    ['', {}, []],
    [undefined, {}, []],
  ])('says of type %s with the items %j: %j', (type, items, expected) => {
    const bytes = Object.entries(items).map(([item, text]) => [item, encodeUtf8(text)] as const);
    expect(missingForType(type, new Map(bytes))).toEqual(expected);
  });
});
