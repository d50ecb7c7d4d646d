import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { editYaml } from './edit.ts';

const set = (source: string, path: string, text = 'NEW', document = 0) =>
  editYaml(source, [{ document, path: path.split('/'), text }]);

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
    ['a nested value', 'm:\n    n:\n        a: x\n', 'm/n/a', 'm:\n    n:\n        a: NEW\n'],
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
    ['without a line end before it', 'm:\n  x: y', 'm/a', 'm:\n  x: y\n  a: NEW\n'],
    ['behind a nested map', 'm:\n  x:\n    y: z\nn: o\n', 'm/a', 'm:\n  x:\n    y: z\n  a: NEW\nn: o\n'],
    ['in an empty map', 'm: {}\nn: o\n', 'm/a', 'm: {"a": "NEW"}\nn: o\n'],
    ['in braces', 'm: {x: y}\n', 'm/a', 'm: {x: y, "a": "NEW"}\n'],
    [
      'in JSON with its layout',
      '{\n  "m": {\n    "x": "y"\n  }\n}\n',
      'm/a',
      '{\n  "m": {\n    "x": "y",\n    "a": "NEW"\n  }\n}\n',
    ],
    ['with its parents', 'm: n\n', 's/t/a', 'm: n\ns:\n  t:\n    a: NEW\n'],
    ['below an empty parent', 's: # why\nm: n\n', 's/t/a', undefined],
    ['below an empty parent at the end', 'm: n\ns:\n', 's/a', 'm: n\ns:\n  a: NEW\n'],
    [
      'in the second document',
      'm:\n  x: y\n---\nm:\n  x: y\n...\n',
      'm/a',
      'm:\n  x: y\n  a: NEW\n---\nm:\n  x: y\n...\n',
    ],
  ])('adds an entry %s', (_title, source, path, expected) => {
    const edited = set(source, path);
    if (expected !== undefined) expect(edited).toBe(expected);
    const value = path
      .split('/')
      .reduce<unknown>(
        (at, key) => (at as Record<string, unknown>)[key],
        parseAllDocuments(edited ?? '')[0]?.toJS(),
      );
    expect(value).toBe('NEW');
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
  it.each([
    ['a list on the path', 'm: [x]\n', 'm/a'],
    ['a text on the path', 'm: x\n', 'm/a'],
    ['an alias on the path', 'b: &b {x: y}\nm: *b\n', 'm/a'],
    ['a map in the place of the value', 'm: {a: {b: c}}\n', 'm/a'],
    ['no map at all', 'hello\n', 'm/a'],
  ])('gives up on %s', (_title, source, path) => {
    expect(set(source, path)).toBeUndefined();
  });
});
