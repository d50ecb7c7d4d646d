import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import MarkdownIt, { type Token } from 'markdown-it';

const ROOT = join(import.meta.dirname, '../../..');
/** The page whose tables are the navigation, and the first page of the site. */
export const INDEX = 'docs/README.md';

/** One Markdown file that becomes a page. */
export interface Source {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Path from the root of the site's version. */
  readonly address: string;
  readonly text: string;
}

/** Every page of docs, and the pages beside it to which they link. */
export function readSources(): Source[] {
  const own = globSync('docs/**/*.md', { cwd: ROOT }).sort().map(sourceOf);
  const linked = own.flatMap(({ file, text }) => linksOf(text).map((target) => fileOf(file, target).path));
  const beside = [...new Set(linked)].filter((path) => path.endsWith('.md') && !path.startsWith('docs/'));
  return [...own, ...beside.sort().map(sourceOf)];
}

function sourceOf(file: string): Source {
  return { file, address: addressOf(file), text: readFileSync(join(ROOT, file), 'utf8') };
}

/** Where a file of the repository lies on the site: docs at the top, everything else in a folder. */
export function addressOf(file: string): string {
  const path = file.startsWith('docs/') ? file.slice('docs/'.length) : join('repository', file);
  return path.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/** The file, from the root of the repository, and the anchor to which a link of `file` leads. */
export function fileOf(file: string, target: string): { readonly path: string; readonly anchor: string } {
  const [path = '', anchor = ''] = decodeURIComponent(target).split('#');
  return { path: path === '' ? file : relative(ROOT, join(ROOT, dirname(file), path)), anchor };
}

/** Whether a link leads to another site, or is an address of mail. */
export function isOutside(target: string): boolean {
  return /^[a-z][a-z+.-]*:/i.test(target);
}

/** Where a link leads to, as its page writes it. */
export function targetOf(link: Token): string {
  return String(link.attrGet('href') ?? '');
}

/** A page as the parser reads it; only `renderMarkdown` makes HTML of it. */
export function tokensOf(text: string): Token[] {
  return new MarkdownIt({ html: true }).parse(text, {});
}

function linksOf(text: string): string[] {
  const inline = tokensOf(text).flatMap(({ children }) => children ?? []);
  const targets = inline.flatMap((token) => (token.type === 'link_open' ? [targetOf(token)] : []));
  return targets.filter((target) => !isOutside(target));
}
