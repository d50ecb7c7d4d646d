import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'test/coverage.md'), 'utf8');
const rows = text.split('\n').filter((line) => /^\| (?!Fact )/.test(line));
const named = rows.flatMap((row) =>
  [...row.matchAll(/`([^`]+?) › ([^`]+)`/g)].map(([, file = '', title = '']) => ({ file, title })),
);

/** A title stands in its file as a whole string. */
function isThere({ file, title }: (typeof named)[number]): boolean {
  if (!existsSync(join(root, file))) return false;
  const source = readFileSync(join(root, file), 'utf8');
  return ["'", '"', '`'].some((quote) => source.includes(quote + title + quote));
}

/** Where a letter of the last column is earned: by whole processes on that server. */
const GROUNDS = {
  E: /`test\/(e2e|faults\/(?!real\/))/,
  R: /`test\/(e2e|faults\/real|interop|chart)\//,
  U: /`test\/interop\//,
};

/** Letters and reason in the last cell of a row, `E R U` or `E: the reason`. */
function placesOf(row: string): { letters: string[]; reason: string } {
  const [letters = '', reason = ''] = (row.split(' | ').at(-1) ?? '').replace(/ \|$/, '').split(': ');
  return { letters: letters.split(' '), reason };
}

describe('test/coverage.md', () => {
  it('names tests that exist', () => {
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter((test) => !isThere(test))).toEqual([]);
  });
  it('has in each row a test on both servers, or a reason in words why not', () => {
    const isBare = ({ letters, reason }: ReturnType<typeof placesOf>) =>
      !/\w+ \w+/.test(reason) && !(letters.includes('E') && letters.includes('R'));
    expect(rows.filter((row) => isBare(placesOf(row)))).toEqual([]);
    expect(rows.filter((row) => !row.includes(' › '))).toEqual([]);
  });
  it.each(Object.entries(GROUNDS))('claims %s only where a test named runs there', (letter, ground) => {
    const claims = rows.filter((row) => placesOf(row).letters.includes(letter));
    expect(claims.length).toBeGreaterThan(10);
    expect(claims.filter((row) => !ground.test(row))).toEqual([]);
  });
});
