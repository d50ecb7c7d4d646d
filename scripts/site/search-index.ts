import MiniSearch from 'minisearch';
import { type Entry, SETTINGS } from './client/search-settings.ts';
import type { Content } from './layout.ts';

/** The index of all sections of all pages, as JSON that the search page reads. */
export function searchIndex(pages: readonly Content[]): string {
  const index = new MiniSearch<Entry>(SETTINGS);
  const sections = pages.flatMap(({ address, title, sections: all }) =>
    all.map(({ level, anchor, heading, text }) => ({
      address: level === 1 ? address : `${address}#${anchor}`,
      title,
      heading,
      text,
    })),
  );
  index.addAll(sections.map((section, id) => ({ id, ...section })));
  return JSON.stringify(index);
}
