import MiniSearch, { type SearchResult } from 'minisearch';
import { excerptOf, splitAt } from './excerpt.ts';
import { findEntries } from './find-entries.ts';
import { type Entry, SETTINGS } from './search-settings.ts';

const MOST_RESULTS = 20;
const { up = '' } = document.documentElement.dataset;

const field = document.querySelector<HTMLInputElement>('input[type=search]');
const list = document.querySelector('.results');
const status = document.querySelector('[role=status]');

/** Everything of it is text: a query and a page can hold markup, and none becomes part of the page. */
function element(name: string, content: readonly (string | Node)[], attributes: Record<string, string> = {}) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...content);
  return made;
}

function marked(text: string, terms: readonly string[]): (string | Node)[] {
  return splitAt(text, terms).map(({ part, isTerm }) => (isTerm ? element('mark', [part]) : part));
}

function resultItem({ address, title, heading, text, terms }: SearchResult): Node {
  const name = heading === title ? title : `${title}: ${heading}`;
  return element('li', [
    element('a', [name], { href: `${up}${address}` }),
    element('p', marked(excerptOf(text, terms), terms)),
  ]);
}

function show(index: MiniSearch<Entry>): void {
  const query = field?.value ?? '';
  const found = query.trim() === '' ? [] : findEntries(index, query);
  list?.replaceChildren(...found.slice(0, MOST_RESULTS).map(resultItem));
  if (status) status.textContent = describe(query, found.length);
}

function describe(query: string, count: number): string {
  if (query.trim() === '') return 'Type words, or paste an error message.';
  if (count === 0) return 'Nothing was found. Try fewer words.';
  return count > MOST_RESULTS ? `The best ${MOST_RESULTS} of ${count} results` : `${count} results`;
}

if (field) {
  field.value = new URLSearchParams(location.search).get('q') ?? '';
  const answer = await fetch(`${up}search.json`);
  const index = MiniSearch.loadJSON(await answer.text(), SETTINGS);
  field.addEventListener('input', () => show(index));
  show(index);
}
