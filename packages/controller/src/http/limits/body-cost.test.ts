import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lexer } from 'yaml';
import { endOfMarks, endOfValues } from './body-cost.ts';

/** Values below a value; an empty list or map counts as one, since something is made of it too. */
function valuesBelow(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const below = Object.values(value);
  return below.reduce((sum: number, each) => sum + valuesBelow(each), Math.max(1, below.length));
}

describe('endOfValues', () => {
  it('counts what JSON holds, whatever its strings hold', () => {
    const property = fc.property(fc.jsonValue(), (value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const count = valuesBelow(value);
      expect(endOfValues(bytes, count)).toBeUndefined();
      if (count > 0) expect(endOfValues(bytes, count - 1)).toBeDefined();
    });
    fc.assert(property);
  });
  it.each(['"a,[{b"', '"\\",["', '"\\\\"', '"', '"\\', ''])('finds no value in %j', (text) => {
    expect(endOfValues(Buffer.from(text), 0)).toBeUndefined();
  });
  it.each([
    ['[1,2]', 0, 0],
    ['[1,2]', 1, 2],
    ['{"a,[":1,"b":{}}', 1, 8],
    ['{"a,[":1,"b":{}}', 2, 13],
    ['["\\"[",[', 1, 6],
    ['["\\\\",[', 1, 5],
  ])('says where %j has more than %i values', (text, limit, end) => {
    expect(endOfValues(Buffer.from(text), limit)).toBe(end);
    expect(endOfValues(Buffer.from(text.slice(0, end)), limit)).toBeUndefined();
  });
  it('reads no further than necessary', () => {
    const body = (count: number) => Buffer.from(`{${'"i":"",'.repeat(count)}`);
    const [end, endOfMore] = [body(50_000), body(100_000)].map((bytes) => endOfValues(bytes, 1_000));
    expect(end).toBeLessThan(8_000);
    expect(endOfMore).toBe(end);
  });
});

describe('endOfMarks', () => {
  it.each(['aZ09+/= ', ''])('finds none in %j', (text) => {
    expect(endOfMarks(Buffer.from(text), 0)).toBeUndefined();
  });
  it('reads no further than necessary', () => {
    expect(endOfMarks(Buffer.from('a: b\n'.repeat(1_000)), 9)).toBe(24);
    expect(endOfMarks(Buffer.from('::'), 0)).toBe(0);
    expect(endOfMarks(Buffer.from('::'), 2)).toBeUndefined();
  });
  it.each([
    'a: b\n',
    '- a\n',
    '- ',
    '? ',
    '? - ',
    '[',
    '{',
    'a,',
    '[],',
    '- &a x\n',
    '*a,',
    '!!str a\n',
    '#\n',
    '--- a\n',
    '%Y\n',
    '"',
    "'",
    '- |\n  a\n',
    '  b\n\n',
    ' c\n',
    '<<: {}\n',
    'a:\t b\r\n',
    'é ',
  ])('bounds the tokens that the parser has to deal with: %j', (part) => {
    const text = part.repeat(1_000);
    const tokens = [...new Lexer().lex(text)].length;
    expect(endOfMarks(Buffer.from(text), Math.floor(tokens / 6) - 2)).toBeDefined();
  });
});
