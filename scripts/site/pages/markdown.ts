import MarkdownIt, { type Token } from 'markdown-it';
import { Anchors } from './anchors.ts';
import { codeBlock } from './code-block.ts';
import { targetOf } from './sources.ts';

/** A heading and the text below it, up to the next heading. */
export interface Section {
  readonly level: number;
  /** Empty for the text before the first heading. */
  readonly anchor: string;
  readonly heading: string;
  readonly text: string;
}

/** A page as HTML, and what others need to know of it. */
export interface Rendered {
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
}

/** What to write in place of the target of a link or an image. */
export interface Targets {
  /** Undefined where there is nothing to link to: the text stays. */
  link(target: string): string | undefined;
  image(target: string): Readonly<Record<string, string>>;
}

const markdown = new MarkdownIt({ html: true, highlight: codeBlock });
markdown.renderer.rules['table_open'] = () => '<div class="table" tabindex="0"><table>\n';
markdown.renderer.rules['table_close'] = () => '</table></div>\n';

/**
 * @param file for messages
 * @throws Error for HTML: pages are Markdown, so that a forge shows them too; comments are left out
 */
export function renderMarkdown(file: string, text: string, targets: Targets): Rendered {
  const tokens = markdown.parse(text, {});
  const anchors = new Anchors();
  const sections = sectionsOf(tokens, anchors);
  const [title] = sections.filter(({ level }) => level === 1);
  if (!title) throw new Error(`${file} has no title`);
  for (const token of withChildren(tokens)) {
    if (isHtml(token)) dropComment(file, token);
    adapt(token, targets);
  }
  return { title: title.heading, html: markdown.renderer.render(tokens, markdown.options, {}), sections };
}

function withChildren(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token) => [token, ...(token.children ?? [])]);
}

/** Gives headings their anchors, and cuts the page at them. */
function sectionsOf(tokens: readonly Token[], anchors: Anchors): Section[] {
  const sections: { level: number; anchor: string; heading: string; texts: string[] }[] = [];
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const heading = plainText(tokens[at + 1]);
      const anchor = anchors.next(heading);
      token.attrSet('id', anchor);
      sections.push({ level: Number(token.tag.slice(1)), anchor, heading, texts: [] });
    } else if (tokens[at - 1]?.type !== 'heading_open') {
      sections.at(-1)?.texts.push(token.type === 'fence' ? token.content : plainText(token));
    }
  }
  return sections.map(({ texts, ...section }) => ({
    ...section,
    text: texts.join(' ').replace(/\s+/g, ' ').trim(),
  }));
}

/** What a person reads of an inline token. */
export function plainText(token: Token | undefined): string {
  const parts = token?.children ?? [];
  return parts
    .map((part) => (/^(text|code_inline)$/.test(part.type) ? part.content : ' '))
    .join('')
    .trim();
}

function adapt(token: Token, targets: Targets): void {
  if (token.type === 'image')
    for (const [name, value] of Object.entries(targets.image(String(token.attrGet('src') ?? ''))))
      token.attrSet(name, value);
  if (token.type === 'inline') for (const link of linksOf(token.children ?? [])) aim(link, targets);
}

function isHtml({ type }: Token): boolean {
  return type === 'html_block' || type === 'html_inline';
}

function dropComment(file: string, token: Token): void {
  if (!/^\s*(?:<!--[\s\S]*?-->\s*)+$/.test(token.content))
    throw new Error(`${file} holds HTML: ${token.content}`);
  token.content = '';
}

interface Link {
  readonly open: Token;
  readonly close: Token;
}

/** Links cannot stand in links, so the next that closes is the one. */
function linksOf(tokens: readonly Token[]): Link[] {
  const opens = tokens.filter(({ type }) => type === 'link_open');
  const closes = tokens.filter(({ type }) => type === 'link_close');
  return opens.flatMap((open, at) => {
    const close = closes[at];
    return close ? [{ open, close }] : [];
  });
}

function aim({ open, close }: Link, targets: Targets): void {
  const target = targets.link(targetOf(open));
  if (target !== undefined) open.attrSet('href', target);
  else {
    open.attrs = null;
    for (const token of [open, close]) token.tag = 'span';
  }
}
