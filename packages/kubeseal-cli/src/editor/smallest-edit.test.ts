import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallestEdit } from './smallest-edit.ts';

const applied = (before: string, { start, end, text }: ReturnType<typeof smallestEdit>) =>
  `${before.slice(0, start)}${text}${before.slice(end)}`;
/** Two characters that begin with the same UTF-16 unit, two that end with the same one, and line ends. */
const UNITS = ['a', 'b', '\n', '\r\n', '\u{1F600}', '\u{1F601}', '\u{1FA00}'];

describe('smallestEdit', () => {
  it('leaves out what both have at their beginning and end', () => {
    expect(smallestEdit('a: one\nb: two\n', 'a: one\nb: three\n')).toEqual({
      start: 11,
      end: 13,
      text: 'hree',
    });
    expect(smallestEdit('same', 'same')).toEqual({ start: 4, end: 4, text: '' });
  });
  it('makes the second text of the first, whatever they are', () => {
    const text = fc.string({ unit: fc.constantFrom(...UNITS) });
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, smallestEdit(before, after))).toBe(after);
      }),
    );
  });
  it('parts neither a character nor a line end, between which an editor has no place', () => {
    const text = fc.string({ unit: fc.constantFrom(...UNITS) });
    const isPlace = (within: string, at: number) =>
      !/[\uD800-\uDBFF][\uDC00-\uDFFF]|\r\n/.test(within.slice(Math.max(0, at - 1), at + 1));
    fc.assert(
      fc.property(text, text, (before, after) => {
        const { start, end } = smallestEdit(before, after);
        expect([start, end].map((at) => at === 0 || isPlace(before, at))).toEqual([true, true]);
      }),
    );
  });
});
