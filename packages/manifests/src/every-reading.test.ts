import { describe, expect, it } from 'vitest';
import { parseEveryReading } from './every-reading.ts';
import { hasDuplicateKeys } from './json.ts';
import { linesOf } from './lines.ts';

const read = (text: string) => parseEveryReading(text, 'a.yaml', 'any');
const readingsOf = (text: string) => read(text)[0]?.readings;

describe('parseEveryReading', () => {
  it('has one reading of a document without duplicate keys', () => {
    expect(read('a: 1\nb: {c: 2}\n---\nd: 3\n').map(({ readings }) => readings)).toEqual([
      [{ a: 1, b: { c: 2 } }],
      [{ d: 3 }],
    ]);
  });
  it('puts the reading of Kubernetes first, and then every other', () => {
    expect(readingsOf('a: 1\nb: x\na: 2\n')).toEqual([
      { b: 'x', a: 2 },
      { a: 1, b: 'x' },
    ]);
    expect(readingsOf('a: {b: 1, b: 2}\na: 3\n')).toEqual(
      expect.arrayContaining([{ a: 3 }, { a: { b: 1 } }, { a: { b: 2 } }]),
    );
  });
  it('tells the second line of each duplicate key', () => {
    expect(read('a: 1\n"a": 2\nb: {c: 1,\n  c: 2}\n')[0]?.duplicates).toEqual([
      { name: 'a', line: 2 },
      { name: 'c', line: 4 },
    ]);
  });
  it('leaves merge keys alone', () => {
    expect(readingsOf('x: &x {a: 1}\ny: {<<: *x, b: 2}\n')).toHaveLength(1);
  });
  it('says where there are more readings than it tries', () => {
    const text = Array.from({ length: 10 }, (_, at) => `k${at}: 1\nk${at}: 2\n`).join('');
    const [document] = read(text);
    expect(document?.isWhole).toBe(false);
    expect(document?.readings.length).toBeLessThanOrEqual(65);
  });
  it.each([
    [['metadata', 'name'], 3],
    [['items', '1', 'kind'], 6],
    [['ITEMS', '0'], 5],
    [['items', '1', 'missing'], 6],
    [['alias', 'name'], 3],
    [['missing'], 1],
    [[], 1],
  ])('finds the line of %j', (path, line) => {
    const text = 'kind: x\nmetadata: &m\n  name: db\nitems:\n- kind: a\n- kind: b\nalias: *m\n';
    expect(read(text)[0]?.lineOf(path)).toBe(line);
  });
});

describe('linesOf', () => {
  it('finds lines in JSON, and nothing where YAML cannot read it', () => {
    expect(linesOf('{\n "a": {\n  "b": [1,\n   2]}}')(0, ['a', 'b', '1'])).toBe(4);
    expect(linesOf('[')(3, ['a'])).toBeUndefined();
    expect(linesOf('['.repeat(200_000))(0, ['0'])).not.toBe(0);
  });
});

describe('hasDuplicateKeys', () => {
  it.each([
    ['{"a": 1, "a": 2}', true],
    ['{"a": {"b": 1}, "c": [{"b": 2}]}', false],
    ['{"a": "\\"x\\": 1, \\\\"}', false],
    ['{"a" : {"b": 1, "b"\n: 1}}', true],
  ])('judges %s', (text, isDuplicate) => {
    expect(hasDuplicateKeys(text, [JSON.parse(text)])).toBe(isDuplicate);
  });
});
