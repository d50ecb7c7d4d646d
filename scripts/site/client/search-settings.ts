import type { Options } from 'minisearch';

/** What a search finds: a heading of a page with the text below it. */
export interface Entry {
  readonly id: number;
  /** Of the page, with the anchor of the heading. */
  readonly address: string;
  readonly title: string;
  readonly heading: string;
  readonly text: string;
}

/** How entries are indexed. The index is made with the same settings that read it. */
export const SETTINGS: Options<Entry> = {
  fields: ['title', 'heading', 'text'],
  storeFields: ['address', 'title', 'heading', 'text'],
};
