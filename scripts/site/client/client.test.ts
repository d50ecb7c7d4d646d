import MiniSearch from 'minisearch';
import { describe, expect, it } from 'vitest';
import { excerptOf, splitAt } from './excerpt.ts';
import { findEntries, longestRun } from './find-entries.ts';
import { type Entry, SETTINGS } from './search-settings.ts';

const ENTRIES: readonly Omit<Entry, 'id'>[] = [
  {
    address: 'a.html',
    title: 'Keys',
    heading: 'Secret keys',
    text: 'key secret key decrypt no could secret key key',
  },
  {
    address: 'b.html',
    title: 'Logs',
    heading: 'Messages',
    text: 'It says: no key could decrypt secret. Then wait.',
  },
  { address: 'c.html', title: 'Help', heading: 'no key could decrypt secret', text: 'Restore the backup.' },
  {
    address: 'd.html',
    title: 'Flags',
    heading: 'Renewal',
    text: 'The flag --key-renew-period sets the time.',
  },
];
const index = new MiniSearch<Entry>(SETTINGS);
index.addAll(ENTRIES.map((entry, id) => ({ id, ...entry })));
const found = (query: string) => findEntries(index, query).map(({ address }) => address);

describe('the search', () => {
  it('prefers a heading, then a text, that says the same words in the same order', () => {
    expect(found('error: shop/db: no key could decrypt secret (password)').slice(0, 3)).toEqual([
      'c.html',
      'b.html',
      'a.html',
    ]);
  });
  it.each(['renew per', '--key-renew-period', 'renewl period', 'RENEWAL'])('finds %s', (query) => {
    expect(found(query)[0]).toBe('d.html');
  });
  it.each(['', ' ', '(-)', 'xyzzyqwv'])('finds nothing for %j', (query) => {
    expect(found(query)).toEqual([]);
  });
  it('takes a long message', () => {
    expect(found(`${'no key could '.repeat(1_000)}`)[0]).toBe('c.html');
  });
});

describe('longestRun', () => {
  it.each([
    ['no key could', 'there is no key could be', 2],
    ['no key could', 'could key no', 0],
    ['key', 'key', 0],
    ['a b c d', 'x b c d a b', 2],
    ['', 'a', 0],
  ])('of %j in %j is %i', (words, text, run) => {
    expect(longestRun(words === '' ? [] : words.split(' '), text)).toBe(run);
  });
});

describe('an excerpt', () => {
  const text = `${'word '.repeat(100)}the rare needle here ${'more '.repeat(100)}`.trim();
  it('shows where the words are, and whether there is more', () => {
    const excerpt = excerptOf(text, ['needle', 'rare']);
    expect(excerpt).toMatch(/^… .*the rare needle here.* …$/);
    expect(excerpt.length).toBeLessThan(200);
  });
  it('begins at the beginning without a match, and is whole if it is short', () => {
    expect(excerptOf(text, ['none'])).toMatch(/^word .* …$/);
    expect(excerptOf('short', ['short'])).toBe('short');
  });
  it('is split at whole words, whatever they hold', () => {
    expect(splitAt('a+b keyed Key', ['key', 'a+b'])).toEqual([
      { part: 'a+b', isTerm: true },
      { part: ' keyed ', isTerm: false },
      { part: 'Key', isTerm: true },
    ]);
    expect(splitAt('a', [])).toEqual([{ part: 'a', isTerm: false }]);
  });
});
