import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { smallestEdit } from './smallest-edit.ts';

const applied = (before: string, { start, end, text }: ReturnType<typeof smallestEdit>) =>
  `${before.slice(0, start)}${text}${before.slice(end)}`;

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
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n') });
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, smallestEdit(before, after))).toBe(after);
      }),
    );
  });
});
