import { describe, expect, it } from 'vitest';
import { type TextEdit, treesOf } from '../edits.ts';
import { editYaml } from './edit-yaml.ts';

const edit = (source: string, edits: readonly TextEdit[]) => editYaml(source, treesOf(edits));
const set = (source: string, path: string, text = 'NEW', document = 0) =>
  edit(source, [{ document, path: path.split('/'), text }]);

describe('editYaml', () => {
  it.each([
    ['a plain value', 'a: old # why\nb: c\n', 'a', 'a: NEW # why\nb: c\n'],
    ['a quoted value', 'a: "old" # why\n', 'a', 'a: NEW # why\n'],
    ['a block value', 'a: |\n  old\n  old\nb: c\n', 'a', 'a: NEW\nb: c\n'],
    ['a block value at the end', 'x:\n  a: >-\n    old\n', 'x/a', 'x:\n  a: NEW\n'],
    ['a value over two lines', 'a: old\n  old\nb: c\n', 'a', 'a: NEW\nb: c\n'],
    ['an empty value', 'a:\nb: c\n', 'a', 'a: NEW\nb: c\n'],
    ['a null value', 'a: ~\n', 'a', 'a: NEW\n'],
    ['the last of duplicate keys', 'a: x\na: y\n', 'a', 'a: x\na: NEW\n'],
    ['a quoted key', '"a": x\n', 'a', '"a": NEW\n'],
    ['a value in braces', 'm: {a: x, b: y} # z\n', 'm/a', 'm: {a: "NEW", b: y} # z\n'],
    ['a value of JSON', '{"m": {"a": "x"}}', 'm/a', '{"m": {"a": "NEW"}}'],
    ['a nested value', 'm:\n    o:\n        a: x\n', 'm/o/a', 'm:\n    o:\n        a: NEW\n'],
  ])('replaces %s', (_title, source, path, expected) => {
    expect(set(source, path)).toBe(expected);
  });
  it.each([
    [
      'at the end of a map',
      'm:\n  x: y # z\n\n# end\nn: o\n',
      'm/a',
      'm:\n  x: y # z\n  a: NEW\n\n# end\nn: o\n',
    ],
    ['behind a block value', 'm:\n  x: |\n    y\nn: o\n', 'm/a', 'm:\n  x: |\n    y\n  a: NEW\nn: o\n'],
    ['below an explicit key', 'm:\n  ? x\n  : y\n', 'm/a', 'm:\n  ? x\n  : y\n  a: NEW\n'],
    ['below a key with an anchor', 'm:\n  &k x: y\n', 'm/a', 'm:\n  &k x: y\n  a: NEW\n'],
    ['without a line end before it', 'm:\n  x: y', 'm/a', 'm:\n  x: y\n  a: NEW\n'],
    ['behind a nested map', 'm:\n  x:\n    y: z\nn: o\n', 'm/a', 'm:\n  x:\n    y: z\n  a: NEW\nn: o\n'],
    ['in empty braces of a block', 'm: {}\nn: o\n', 'm/a', 'm:\n  a: NEW\nn: o\n'],
    ['in empty braces with a comment behind', 'm: {} # c\nn: o\n', 'm/a', 'm: # c\n  a: NEW\nn: o\n'],
    ['in empty braces on a line of their own', 'm: # c\n  {}\n', 'm/a', 'm: # c\n  a: NEW\n'],
    ['in braces with a comment alone', 'm: { # c\n  }\n', 'm/a', 'm: {"a": "NEW" # c\n  }\n'],
    ['in empty braces of braces', '{"m": {}}', 'm/a', '{"m": {"a": "NEW"}}'],
    ['in empty braces of Windows', 'm: {}\r\nn: o\r\n', 'm/a', 'm:\r\n  a: NEW\r\nn: o\r\n'],
    ['in braces', 'm: {x: y}\n', 'm/a', 'm: {x: y, "a": "NEW"}\n'],
    [
      'in JSON with its layout',
      '{\n  "m": {\n    "x": "y"\n  }\n}\n',
      'm/a',
      '{\n  "m": {\n    "x": "y",\n    "a": "NEW"\n  }\n}\n',
    ],
    ['with its parents', 'm: n\n', 's/t/a', 'm: n\ns:\n  t:\n    a: NEW\n'],
    ['below an empty parent', 's: # why\nm: n\n', 's/t/a', 's: # why\n  t:\n    a: NEW\nm: n\n'],
    ['in a list', 'i:\n- m: {}\n- m:\n    x: y\n', 'i/1/m/a', 'i:\n- m: {}\n- m:\n    x: y\n    a: NEW\n'],
    ['below an empty parent at the end', 'm: n\ns:\n', 's/a', 'm: n\ns:\n  a: NEW\n'],
    [
      'in the second document',
      'm:\n  x: y\n---\nm:\n  x: y\n...\n',
      'm/a',
      'm:\n  x: y\n  a: NEW\n---\nm:\n  x: y\n...\n',
    ],
  ])('adds an entry %s', (_title, source, path, expected) => {
    expect(set(source, path)).toBe(expected);
  });
  it('edits the document that was asked for', () => {
    expect(set('a: x\n---\n# c\na: x\n', 'a', 'NEW', 1)).toBe('a: x\n---\n# c\na: NEW\n');
  });
  it('keeps Windows line ends', () => {
    expect(set('m:\r\n  x: y\r\nn: o\r\n', 'm/a')).toBe('m:\r\n  x: y\r\n  a: NEW\r\nn: o\r\n');
    expect(set('m:\r\n  a: y # z\r\n', 'm/a')).toBe('m:\r\n  a: NEW # z\r\n');
  });
  it('quotes keys and texts that need it', () => {
    expect(set('m:\n  x: y\n', 'm/on', 'yes')).toBe('m:\n  x: y\n  "on": "yes"\n');
  });
  it('keeps Windows line ends where a block was', () => {
    expect(set('m:\r\n  a: >-\r\n    OLD\r\n  b: c\r\n', 'm/a')).toBe('m:\r\n  a: NEW\r\n  b: c\r\n');
    expect(set('a: |\r\n  OLD\r\n', 'a')).toBe('a: NEW\r\n');
  });
  it('puts a block where blanks stood behind the value', () => {
    expect(set('a: \nb: OLD \t\r\n', 'a', 'x\ny\n')).toBe('a: |\r\n  x\r\n  y\nb: OLD \t\r\n');
    expect(set('b: OLD \t\n', 'b', 'x\ny\n')).toBe('b: |\n  x\n  y\n');
  });
  it.each([
    ['y', 'true'],
    ['on', 'true'],
    ['No', 'false'],
    ['010', '8'],
    ['0x1', '1'],
    ['1e3', '1000'],
    ['1_000', '1000'],
    ['.5', '0.5'],
    ['!!binary aGk=', 'hi'],
    ['!!int "5"', '5'],
    ['"y"', 'y'],
    ['!!str y', 'y'],
  ])('replaces the entry %s, which is read as %s', (key, name) => {
    expect(set(`m:\n  x: y\n  ${key}: OLD # c\n`, `m/${name}`)).toBe(`m:\n  x: y\n  ${key}: NEW # c\n`);
  });
  it('replaces both where one name is read from keys of two types, since Go takes either', () => {
    expect(set('y: OLD\n"true": OLDER\n', 'true')).toBe('y: NEW\n"true": NEW\n');
  });
  it('puts several texts into a file that it parses once', () => {
    const edits = ['m/b', 'm/a', 's/t/c', 's/t/d', 'm/e/f'].map((path) => ({
      document: 0,
      path: path.split('/'),
      text: path,
    }));
    expect(edit('m:\n  a: x # 1\n  e:\n    g: h', edits)).toBe(
      'm:\n  a: m/a # 1\n  e:\n    g: h\n    f: m/e/f\n\n  b: m/b\n\ns:\n  t:\n    c: s/t/c\n    d: s/t/d\n',
    );
  });
  it.each([
    ['to its alias', 'a: &p OLD # s\nb: *p\n', 'a', 'a: NEW # s\nb: &p OLD\n'],
    [
      'to the first of its aliases',
      'a: &p "OLD"\nb: {c: *p, d: *p}\n',
      'a',
      'a: NEW\nb: {c: &p "OLD", d: *p}\n',
    ],
    ['with its tag', 'a: &p !!str 010\nb: *p\n', 'a', 'a: NEW\nb: &p !!str 010\n'],
    ['as a block', 'a: &p |\n  OLD\nb: *p\n', 'a', 'a: NEW\nb: &p |\n  OLD\n'],
    ['when it is empty', 'a: &p\nb: *p\n', 'a', 'a: NEW\nb: &p\n'],
  ])('moves a value with an anchor %s', (_title, source, path, expected) => {
    expect(set(source, path)).toBe(expected);
  });
  it.each([
    ['an alias', 'a: &p OLD\nb: *p # c\n', 'b', 'a: &p OLD\nb: NEW # c\n'],
    ['a value with an anchor that nothing uses', 'a: &p OLD\n', 'a', 'a: &p NEW\n'],
    ['a value with a tag', 'a: !!binary aGk=\n', 'a', 'a: NEW\n'],
    ['a tag without a value', 'a: !qwe\nb: c\n', 'a', 'a: NEW\nb: c\n'],
    ['an item of a map with an anchor', 'm: &m # c\n  a: OLD # d\n', 'm/a', 'm: &m # c\n  a: NEW # d\n'],
  ])('replaces %s', (_title, source, path, expected) => {
    expect(set(source, path)).toBe(expected);
  });
  it('moves nothing when all aliases get texts of their own', () => {
    const edits = ['a', 'b'].map((key) => ({ document: 0, path: [key], text: key.toUpperCase() }));
    expect(edit('a: &p OLD\nb: *p\n', edits)).toBe('a: A\nb: B\n');
  });
  it.each([
    ['a list on the path', 'm: [x]\n', 'm/a'],
    ['a text on the path', 'm: x\n', 'm/a'],
    ['an alias on the path', 'b: &b {x: y}\nm: *b\n', 'm/a'],
    ['a map in the place of the value', 'm: {a: {b: c}}\n', 'm/a'],
    ['no map at all', 'hello\n', 'm/a'],
  ])('refuses %s', (_title, source, path) => {
    expect(() => set(source, path)).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
  });
});
