import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ERROR_CODES,
  type ErrorCode,
  type ItemFailure,
  itemsError,
  SealedSecretsError,
  visible,
} from './errors.ts';

const failure = (item: string, code: ErrorCode, message: string): ItemFailure => ({ item, code, message });

describe('ERROR_CODES', () => {
  const documentation = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...documentation.matchAll(/^\|.+\| `(ERR_[A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
  it('has exactly one row of docs/errors.md for each code, in the same order', () => {
    expect(rows).toEqual(Object.keys(ERROR_CODES));
  });
});

describe('SealedSecretsError', () => {
  it('carries code, items, hint and cause', () => {
    const cause = new Error('inner');
    const items = [failure('a', 'ERR_CONFLICT', 'x')];
    const error = new SealedSecretsError('ERR_USAGE', 'text', { hint: 'do this', cause, items });
    expect(error).toMatchObject({ name: 'SealedSecretsError', code: 'ERR_USAGE', message: 'text' });
    expect(error).toMatchObject({ hint: 'do this', cause, items });
  });
  it('has no cause of its own', () => {
    expect(Object.hasOwn(new SealedSecretsError('ERR_USAGE', 'text'), 'cause')).toBe(false);
  });
});

describe('visible', () => {
  it('escapes control and format characters and keeps everything else', () => {
    expect(visible('a\u0000\t\u001b[2J\u007f\u009b\u2028\u202e\ufeff\u{e0001}b')).toBe(
      'a\\u0000\\u0009\\u001b[2J\\u007f\\u009b\\u2028\\u202e\\ufeff\\udb40\\udc01b',
    );
    expect(visible('line\nÄ 封印 👍 "quoted" \\n')).toBe('line\nÄ 封印 👍 "quoted" \\n');
  });
});

describe('itemsError', () => {
  it('lists the first twenty items, counts the others and holds all of them', () => {
    const names = Array.from({ length: 25 }, (_, index) => `i${index + 10}`);
    const error = itemsError(names.map((item) => failure(item, 'ERR_NO_KEY_OPENS_VALUE', 'no key')));
    expect(error.message).toBe(`no key (${names.slice(0, 20).join(', ')})\nand 5 more items`);
    expect(error.items).toHaveLength(25);
  });
  it('groups equal messages and sorts their items, whatever their order was', () => {
    const one = ['c', 'a', 'b'].map((item) => failure(item, 'ERR_NO_KEY_OPENS_VALUE', 'no key'));
    expect(itemsError(one).message).toBe('no key (a, b, c)');
    expect(itemsError(one.toReversed()).message).toBe('no key (a, b, c)');
  });
  it('puts different messages on lines of their own, sorted by code, then by item', () => {
    const error = itemsError([
      failure('d', 'ERR_NO_KEY_OPENS_VALUE', 'no key'),
      failure('z', 'ERR_ENVELOPE_MALFORMED', 'bad byte 1'),
      failure('a', 'ERR_ENVELOPE_MALFORMED', 'bad byte 2'),
    ]);
    expect(error.message).toBe('bad byte 2 (a)\nbad byte 1 (z)\nno key (d)');
    expect(error.code).toBe('ERR_ENVELOPE_MALFORMED');
    expect(error.items.map(({ item }) => item)).toEqual(['a', 'z', 'd']);
  });
  it.each([
    ['a line break', 'a\nlevel=info', '"a\\nlevel=info"'],
    ['a terminal sequence', '\u001b[2J', '"\\u001b[2J"'],
    ['a parenthesis', 'a), ok (b', '"a), ok (b"'],
    ['too many characters', 'x'.repeat(5000), `"${'x'.repeat(253)}"`],
  ])('quotes an item name with %s', (_, item, quoted) => {
    expect(itemsError([failure(item, 'ERR_NO_KEY_OPENS_VALUE', 'no key')]).message).toBe(
      `no key (${quoted})`,
    );
  });
});
