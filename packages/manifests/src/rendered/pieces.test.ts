import { describe, expect, it } from 'vitest';
import { headOf, piecesOf } from './pieces.ts';

describe('piecesOf', () => {
  it.each([
    ['', ['']],
    ['a: 1\n', ['a: 1\n']],
    ['---\na: 1\n', ['---\na: 1\n']],
    ['# note\n---\na: 1\n---\nb: 2', ['# note\n', '---\na: 1\n', '---\nb: 2']],
    ['a: |\n  ---\n--- b\n---', ['a: |\n  ---\n', '--- b\n', '---']],
    ['a: 1\r\n---\r\nb: 2\r\n', ['a: 1\r\n', '---\r\nb: 2\r\n']],
    ['a: |\n  b\r---\n  c\n', ['a: |\n  b\r---\n  c\n']],
    ['a: |\n  b\u2028---\n  c\n', ['a: |\n  b\u2028---\n  c\n']],
    ['----\na: 1\n---x\n', ['----\na: 1\n---x\n']],
  ])('cuts %j where a document begins, and nowhere else', (text, pieces) => {
    expect(piecesOf(text)).toEqual(pieces);
    expect(pieces.join('')).toBe(text);
  });
});

describe('headOf', () => {
  it.each([
    ['---\n# Source: shop/templates/db.yaml\n# hunter2\na: 1\n', '---\n# Source: shop/templates/db.yaml\n'],
    ['---\r\na: 1\r\n', '---\r\n'],
    ['--- # hunter2\na: 1\n', '---\n'],
    ['a: 1\n', '---\n'],
  ])('keeps the marker and the note of the template of %j, and no other comment', (piece, head) => {
    expect(headOf(piece)).toBe(head);
  });
});
