import type { Bytes } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { bufferOf, readBuffer, withComplaint } from './edit-buffer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const shown = (values: Readonly<Record<string, Bytes>>) =>
  bufferOf('shop/db', Object.keys(values), { values: new Map(Object.entries(values)), closed: new Map() });

describe('the buffer of kubeseal edit', () => {
  it('shows a comment and simple YAML', () => {
    const values = new Map([
      ['user', bytes('ann')],
      ['port', bytes('5432')],
      ['cert', bytes('one\ntwo\n')],
      ['key', Uint8Array.of(0xff, 0)],
      ['odd', bytes('<sealed>')],
    ]);
    const closed = new Map([['gone', 'no given key opens it']]);
    expect(bufferOf('shop/db in f (strict)', [...values.keys(), 'gone'], { values, closed })).toBe(`\
# Change, add, remove or rename items, save, and close the editor.
# A value that stays <sealed> is not changed. Without an item, nothing is changed.
# shop/db in f (strict)

user: ann
port: "5432"
cert: |
  one
  two
key: !!binary /wA=
odd: "<sealed>"
# no given key opens it:
gone: <sealed>
`);
  });
  it('is read back as it was, whatever values and names hold', () => {
    const odd = [
      ...' \t\n\r"\'\\#:-?{}[]<>!&*%@`~|',
      'null',
      'yes',
      '0x1',
      '---',
      '...',
      '\u0000',
      '\u2028',
      '\ufeff',
      '\u{1f511}',
      'é',
    ];
    const values = Object.fromEntries(
      odd.flatMap((each, at) => [
        [`a${at}`, bytes(each)],
        [`b${at}`, bytes(`x${each}`)],
        [`c${at}`, bytes(`${each}x\n`)],
        [`d${at}`, bytes(`x\n${each}\n\n`)],
        [`${each}${at}`, bytes('x')],
      ]),
    );
    expect(readBuffer(shown(values))).toEqual(new Map(Object.entries(values)));
  });
  it('is read back as it was from random bytes', () => {
    let state = 7;
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    };
    const values = Object.fromEntries(
      Array.from({ length: 300 }, (_, at) => [`k${at}`, Uint8Array.from({ length: at % 9 }, next)]),
    );
    expect(readBuffer(shown(values))).toEqual(new Map(Object.entries(values)));
  });
  it.each<[string, Record<string, string | undefined>]>([
    ['a: 5432\nb: yes\nc: null\nd: ~\n', { a: '5432', b: 'yes', c: 'null', d: '~' }],
    ['a: ""\nb: \'\'\n', { a: '', b: '' }],
    ['a: <sealed>\nb: "<sealed>"\n', { a: undefined, b: '<sealed>' }],
    ['# only a comment\n', {}],
    ['', {}],
    ['a: b # comment\r\nc: |\r\n  d\r\n', { a: 'b', c: 'd\n' }],
    ['{a: b}', { a: 'b' }],
  ])('reads %j', (text, items) => {
    const expected = Object.entries(items).map(([item, value]) => [
      item,
      value === undefined ? value : bytes(value),
    ]);
    expect([...readBuffer(text)]).toEqual(expected);
  });
  it.each([
    ['hunter2', 'a line is not ITEM: VALUE'],
    ['- hunter2', 'a line is not ITEM: VALUE'],
    ['a: hunter2\nb: "hunter2\n', 'line 3 is not YAML (MISSING_CHAR)'],
    ['a: hunter2\na: hunter2\n', 'line 2 is not YAML (DUPLICATE_KEY)'],
    ['a: [hunter2]\n', 'the value of a is not a string'],
    ['a: {hunter2: x}\n', 'the value of a is not a string'],
    ['a: &x hunter2\nb: *x\n', 'the value of b is not a string'],
    ['[hunter2]: x\n', 'the name of an item is not a string'],
    ['a:\n', 'a has no value; write "" for an empty one'],
    ['a: !!binary hunter2\n', 'the value of a is not Base64'],
    ['a: x\n---\nb: hunter2\n', 'line 2 is not YAML (MULTIPLE_DOCS)'],
  ])('refuses %j without quoting a value', (text, message) => {
    expect(() => readBuffer(text)).toThrow(
      expect.objectContaining({ code: 'ERR_MANIFEST_INVALID', message }),
    );
  });
  it('has one complaint on top', () => {
    expect(withComplaint(withComplaint('a: b\n', 'one\ntwo'), 'three')).toBe('# Not accepted: three\na: b\n');
  });
});
