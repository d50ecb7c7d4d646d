import type MiniSearch from 'minisearch';
import type { SearchResult } from 'minisearch';
import type { Entry } from './search-settings.ts';

/** So many of the best are looked at again. */
const MOST_COMPARED = 200;
const MOST_WORDS = 60;

/**
 * Entries for a query, the best first. An error message holds names that no page knows: the longer the run of
 * its words that stands in an entry, the better, and in a heading best of all. The last word may not be whole
 * yet, and long words may have a slip.
 */
export function findEntries(index: MiniSearch<Entry>, query: string): SearchResult[] {
  const words = wordsOf(query).slice(0, MOST_WORDS);
  const found = index.search(words.join(' '), {
    boost: { title: 4, heading: 3 },
    prefix: (_term, at) => at === words.length - 1,
    fuzzy: (term) => (term.length > 5 ? 0.2 : false),
  });
  const weight = ({ heading, text }: SearchResult) =>
    longestRun(words, heading) ** 2 * 3 + longestRun(words, text) ** 2;
  const best = found
    .slice(0, MOST_COMPARED)
    .map((entry) => ({ entry, score: entry.score * (1 + weight(entry)) }));
  best.sort((a, b) => b.score - a.score);
  return [...best.map(({ entry }) => entry), ...found.slice(MOST_COMPARED)];
}

/** How many words follow each other in the text as they do in the query; one alone is no run. */
export function longestRun(words: readonly string[], text: string): number {
  const whole = ` ${wordsOf(text).join(' ')} `;
  let longest = 1;
  for (let start = 0; start + longest < words.length; start += 1)
    while (
      start + longest < words.length &&
      whole.includes(` ${words.slice(start, start + longest + 1).join(' ')} `)
    )
      longest += 1;
  return longest - 1;
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s\p{P}]+/u)
    .filter((word) => word !== '');
}
