import { describe, expect, it } from 'vitest';
import { parseJsonStream } from './json.ts';

const valuesIn = (text: string) => parseJsonStream(text, 'x').values;

describe('parseJsonStream', () => {
  it.each([
    ['braces and quotes in strings', '{"a": "}{\\"}", "b\\\\": "{"} {"c": 1}'],
    ['escaped backslashes at the end of a string', '{"a": "\\\\"}{"b": "\\\\\\""}'],
  ])('finds where objects end, with %s', (_what, text) => {
    expect(valuesIn(text)).toHaveLength(2);
  });
  it.each([
    ['letters', 'a'],
    ['escapes', '\\n'],
    ['quotes', '\\"'],
  ])('reads a string of 10 MB of %s', (_what, piece) => {
    const text = JSON.stringify({ a: JSON.parse(`"${piece.repeat(1e7 / piece.length)}"`) });
    expect(JSON.stringify(valuesIn(text)).length).toBe(text.length + 2);
  });
  it.each(['{"a', '{"a\\', '{"a\\"', '{', '{"a": {"b": "}"}'])('refuses %s, which does not end', (text) => {
    expect(() => valuesIn(text)).toThrow('document 1 of x is not valid JSON (it starts in line 1)');
  });
});
