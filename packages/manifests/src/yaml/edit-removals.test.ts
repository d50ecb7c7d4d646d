import { describe, expect, it } from 'vitest';
import { type TextEdit, treesOf } from '../edits.ts';
import { editYaml } from './edit-yaml.ts';

const edit = (source: string, edits: readonly TextEdit[]) => editYaml(source, treesOf(edits));
const pathOf = (path: string) => ({ document: 0, path: path.split('/') });
const set = (path: string): TextEdit => ({ ...pathOf(path), text: 'NEW' });
const remove = (path: string): TextEdit => ({ ...pathOf(path), remove: true });
const without = (source: string, ...paths: readonly string[]) => edit(source, paths.map(remove));

describe('editYaml', () => {
  it.each([
    ['the first of a map', 'm:\n  a: x\n  b: y\n', 'm:\n  b: y\n'],
    ['the last of a map', 'm:\n  b: y\n  a: x\nn: o\n', 'm:\n  b: y\nn: o\n'],
    ['the last of a file without a line end', 'm:\n  b: y\n  a: x', 'm:\n  b: y\n'],
    ['with the comment behind it', 'm:\n  a: x # mine\n  b: y # kept\n', 'm:\n  b: y # kept\n'],
    [
      'without comments of their own lines',
      'm:\n  # 1\n  a: x\n  # 2\n  b: y\n',
      'm:\n  # 1\n  # 2\n  b: y\n',
    ],
    ['a block', 'm:\n  a: |\n    x\n\n    x\n  b: y\n', 'm:\n  b: y\n'],
    ['a block of Windows', 'm:\r\n  a: |\r\n    x\r\n  b: y\r\n', 'm:\r\n  b: y\r\n'],
    ['a folded value', 'm:\n  a: x\n    x\n  b: y\n', 'm:\n  b: y\n'],
    ['an empty value', 'm:\n  a:\n  b: y\n', 'm:\n  b: y\n'],
    ['a value with a tag alone', 'm:\n  a: !!str\n  b: y\n', 'm:\n  b: y\n'],
    ['an anchor that nothing uses', 'm:\n  a: &p x\n  b: y\n', 'm:\n  b: y\n'],
    ['an alias', 'm:\n  b: &p y\n  a: *p # c\n', 'm:\n  b: &p y\n'],
    ['a quoted key', 'm:\n  "a" : x\n  b: y\n', 'm:\n  b: y\n'],
    ['an explicit key', 'm:\n  ? a\n  : x\n  b: y\n', 'm:\n  b: y\n'],
    ['all duplicates', 'm:\n  a: x\n  b: y\n  "a": z\n', 'm:\n  b: y\n'],
    ['Windows line ends', 'm:\r\n  a: x\r\n  b: y\r\n', 'm:\r\n  b: y\r\n'],
    ['the second document stays', 'm:\n  a: x\n  b: y\n---\nm: {a: x}\n', 'm:\n  b: y\n---\nm: {a: x}\n'],
    ['in braces, the first', 'm: {a: x, b: y} # c\n', 'm: {b: y} # c\n'],
    ['in braces, the last', 'm: {b: y, a: x}\n', 'm: {b: y}\n'],
    ['in braces, before a comma', 'm: {b: y, a: x,}\n', 'm: {b: y,}\n'],
    ['in braces, a key without a value', 'm: {a, b: y}\n', 'm: {b: y}\n'],
    ['in braces with comments', 'm: { a: x, # 1\n  b: y }\n', 'm: {  # 1\n  b: y }\n'],
    ['in braces, an empty value', 'm: {b: y, a: # 1\n  }\n', 'm: {b: y # 1\n  }\n'],
    ['in braces behind a comment', 'm: { b: y, # 1\n  a: x }\n', 'm: { b: y # 1\n   }\n'],
    [
      'JSON, the first',
      '{\n  "m": {\n    "a": "x",\n    "b": "y"\n  }\n}\n',
      '{\n  "m": {\n    "b": "y"\n  }\n}\n',
    ],
    [
      'JSON, the last',
      '{\n  "m": {\n    "b": "y",\n    "a": "x"\n  }\n}\n',
      '{\n  "m": {\n    "b": "y"\n  }\n}\n',
    ],
  ])('removes an entry: %s', (_title, source, expected) => {
    expect(without(source, 'm/a')).toBe(expected);
  });
  it.each([
    ['in lines', 'm:\n  a: x # c\nn: o\n', 'm: {} # c\nn: o\n'],
    ['below a comment', 'm: # c\n  a: x\nn: o\n', 'm: # c\n  {}\nn: o\n'],
    ['below an anchor', 'm: &m\n  a: x\nn: *m\n', 'm: &m {}\nn: *m\n'],
    ['of Windows', 'm:\r\n  a: x\r\nn: o\r\n', 'm: {}\r\nn: o\r\n'],
    ['in braces', 'm: { a: x, }\n', 'm: {}\n'],
    ['in braces with a comment', 'm: { # c\n  a: x, }\n', 'm: { # c\n   }\n'],
    ['of JSON', '{\n  "m": {\n    "a": "x"\n  }\n}\n', '{\n  "m": {}\n}\n'],
  ])('leaves an empty map in the place of its last entry %s', (_title, source, expected) => {
    expect(without(source, 'm/a')).toBe(expected);
  });
  it.each([
    ['behind a dash', 'i:\n- a: x # 1\n  b: y\n- c: z\n', ['i/0/a'], 'i:\n- b: y\n- c: z\n'],
    ['behind a dash, before a comment', '- a: x\n  # b\n  b: y\n', ['0/a'], '- # b\n  b: y\n'],
    ['behind a dash, two of three', '- a: x\n  b: y\n  c: z\n', ['0/a', '0/b'], '- c: z\n'],
    ['behind a dash, all', '- a: x\n  b: y\n- c: z\n', ['0/a', '0/b'], '- {}\n- c: z\n'],
    ['in a List', 'items:\n- m:\n    a: x\n    b: y\n', ['items/0/m/a'], 'items:\n- m:\n    b: y\n'],
    ['several', 'm: {a: x, b: y, c: z, d: w}\n', ['m/a', 'm/b', 'm/d'], 'm: {c: z}\n'],
    ['all', 'm:\n  a: x\n  # kept\n  b: y\n', ['m/a', 'm/b'], 'm: {}\n  # kept\n'],
    ['at the top', 'a: x\n', ['a'], '{}\n'],
    ['what is not there', 'm:\n  b: y\nn:\n', ['m/a', 'o/a', 'n/a'], 'm:\n  b: y\nn:\n'],
    ['under a name that is read', 'm:\n  y: x\n  "true": x\n  b: y\n', ['m/true'], 'm:\n  b: y\n'],
  ])('removes entries %s', (_title, source, paths, expected) => {
    expect(without(source, ...paths)).toBe(expected);
  });
  it.each([
    ['in lines', 'm:\n  a: x # c\nn: o\n', 'm:\n  b: NEW\nn: o\n'],
    ['without a line end', 'm:\n  a: x', 'm:\n  b: NEW'],
    ['in lines beside others', 'm:\n  a: x\n  c: y\n', 'm:\n  c: y\n  b: NEW\n'],
    ['in braces', 'm: {a: x}\n', 'm: {"b": "NEW"}\n'],
    ['in braces beside others', 'm: {c: y, a: x}\n', 'm: {c: y, "b": "NEW"}\n'],
    ['of JSON', '{\n  "m": {\n    "a": "x"\n  }\n}\n', '{\n  "m": {\n    "b": "NEW"\n  }\n}\n'],
  ])('puts a new entry into the place of a removed one %s', (_title, source, expected) => {
    expect(edit(source, [remove('m/a'), set('m/b')])).toBe(expected);
  });
  it('puts a new entry behind the dash of a removed one', () => {
    expect(edit('- a: x\n- c: y\n', [remove('0/a'), set('0/b')])).toBe('- b: NEW\n- c: y\n');
  });
  it('moves the value of a removed entry to its first alias', () => {
    expect(without('m:\n  a: &p x\n  b: *p\n  c: *p\n', 'm/a')).toBe('m:\n  b: &p x\n  c: *p\n');
  });
  it('refuses to remove a map or a list', () => {
    for (const value of ['{b: c}', '[b]', '\n    b: c'])
      expect(() => without(`m:\n  a: ${value}\n`, 'm/a')).toThrow(
        expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }),
      );
  });
});
