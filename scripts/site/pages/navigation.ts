import type { Token } from 'markdown-it';
import { plainText } from './markdown.ts';
import { addressOf, fileOf, INDEX, isOutside, type Source, targetOf, tokensOf } from './sources.ts';

/** One line of the navigation. */
export interface Entry {
  readonly label: string;
  readonly address: string;
  /** Pages of the same folder, which this page lists. */
  readonly below: readonly Entry[];
}

/** Entries under one heading. */
export interface Group {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

/** The heading of the index whose tables are the navigation. */
const SECTION = 'By task';

/** The navigation, which is what the index lists by task: a group for each heading there. */
export function readNavigation(sources: readonly Source[]): Group[] {
  const groups = new Map<string, Entry[]>();
  const known = new Set([addressOf(INDEX)]);
  for (const { headings, link } of linksOf(sources, INDEX)) {
    const [section, heading] = headings;
    if (section !== SECTION || heading === undefined || link.anchor !== '' || known.has(link.address))
      continue;
    known.add(link.address);
    const entries = groups.get(heading) ?? [];
    entries.push({ label: capitalised(link.label), address: link.address, below: below(sources, link.file) });
    groups.set(heading, entries);
  }
  return [...groups].map(([heading, entries]) => ({ heading, entries }));
}

/** What the index of a folder links to in this folder. */
function below(sources: readonly Source[], file: string): Entry[] {
  const [, folder] = /^(.+\/)README\.md$/.exec(file) ?? [];
  if (folder === undefined) return [];
  const links = linksOf(sources, file).filter(
    ({ link }) => link.file.startsWith(folder) && link.file !== file && link.anchor === '',
  );
  const entries = links.map(({ link }) => [link.address, titleOf(sources, link.file) || link.label] as const);
  return [...new Map(entries)].map(([address, label]) => ({ label, address, below: [] }));
}

/** The first heading of a page. */
function titleOf(sources: readonly Source[], file: string): string {
  return /^# (.+)$/m.exec(textOf(sources, file))?.[1]?.replaceAll('`', '') ?? '';
}

function textOf(sources: readonly Source[], file: string): string {
  return sources.find((source) => source.file === file)?.text ?? '';
}

interface Link {
  readonly label: string;
  readonly file: string;
  readonly address: string;
  readonly anchor: string;
}

/** Links of a page to other pages, in order, with the headings of levels 2 and 3 above them. */
function linksOf(sources: readonly Source[], file: string) {
  const tokens = tokensOf(textOf(sources, file));
  const found: { readonly headings: readonly string[]; readonly link: Link }[] = [];
  let headings: readonly string[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'inline') continue;
    const { type, tag } = tokens[at - 1] ?? {};
    if (type === 'heading_open')
      headings = [...headings.slice(0, Number(tag?.slice(1)) - 2), plainText(token)];
    for (const link of linksIn(token, file))
      if (sources.some((source) => source.file === link.file)) found.push({ headings, link });
  }
  return found;
}

function linksIn({ children }: Token, file: string): Link[] {
  return (children ?? []).flatMap((token, at, all) => {
    const target = token.type === 'link_open' ? targetOf(token) : '';
    if (target === '' || isOutside(target)) return [];
    const end = all.findIndex(({ type }, position) => position > at && type === 'link_close');
    const label = all
      .slice(at, end)
      .map(({ content }) => content)
      .join('');
    const { path, anchor } = fileOf(file, target);
    return [{ label, file: path, address: addressOf(path), anchor }];
  });
}

function capitalised(label: string): string {
  return /^(?:kubeseal|kubectl|npm)\b/.test(label)
    ? label
    : label.replace(/^./, (first) => first.toUpperCase());
}
