import { escapeHtml } from './pages/code-block.ts';
import type { Section } from './pages/markdown.ts';
import type { Entry, Group } from './pages/navigation.ts';

/** A page without its frame. */
export interface Content {
  readonly address: string;
  readonly title: string;
  readonly html: string;
  readonly sections: readonly Section[];
  /** Address of the Markdown in the repository; undefined where nobody publishes it. */
  readonly source: string | undefined;
}

/** What all pages of a version share. */
export interface Frame {
  readonly version: string;
  readonly navigation: readonly Group[];
}

/** Names of the files that pages load, and of those they lead to. */
export const FILES = {
  style: 'site.css',
  script: 'site.js',
  search: 'search.html',
  searchScript: 'search.js',
  searchIndex: 'search.json',
  sealingPage: 'seal/index.html',
} as const;

/**
 * A page loads its style and its script, asks its own server alone, and runs nothing that stands in it. Text
 * cannot become script (Trusted Types).
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** A seal: what pages have as icon, and the sealing page too. */
const SEAL = 'M16 7a5 5 0 0 0-2.6 9.3L12 25h8l-1.4-8.7A5 5 0 0 0 16 7z';
const ICON = `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect x='1' y='1' width='30' height='30' rx='5' fill='%23b3261e'/%3E%3Cpath fill='%23fff' d='${SEAL}'/%3E%3C/svg%3E`;

/** A page as HTML. All addresses in it are relative, so that the site works below any path. */
export function pageHtml(content: Content, { version, navigation }: Frame): string {
  const { address, title, html, sections, source } = content;
  const up = '../'.repeat(address.split('/').length - 1);
  const isSearch = address === FILES.search;
  return `<!doctype html>
<html lang="en" data-up="${up}" data-address="${address}" data-version="${escapeHtml(version)}">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)} · Fuin ${escapeHtml(version)}</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="${up}${FILES.style}">
<script type="module" src="${up}${FILES.script}"></script>
${isSearch ? `<script type="module" src="${up}${FILES.searchScript}"></script>\n` : ''}</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header>
<button class="menu" type="button" popovertarget="pages">Pages</button>
<a class="brand" href="${up}index.html"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="${SEAL}"/></svg><span>Fuin</span></a>
<a class="version" href="${up}../index.html" title="All versions">${escapeHtml(version)}</a>
<form role="search" action="${up}${FILES.search}"><input type="search" name="q" aria-label="Search" placeholder="Search, or paste an error message" autocomplete="off" maxlength="500"></form>
<a class="seal" href="${up}${FILES.sealingPage}">Seal a Secret</a>
</header>
<div class="columns">
<nav id="pages" popover aria-label="Pages">
${navigation.map((group) => groupHtml(group, address, up)).join('')}</nav>
<main id="main">
<div class="notice" hidden></div>
${html}${source === undefined ? '' : `<footer><a href="${source}">Source of this page</a></footer>\n`}</main>
${contentsHtml(sections)}</div>
</body>
</html>
`;
}

function groupHtml({ heading, entries }: Group, current: string, up: string): string {
  return `<h2>${escapeHtml(heading)}</h2>\n${listHtml(entries, current, up)}`;
}

/** Pages below another show where the reader is at one of them. */
function listHtml(entries: readonly Entry[], current: string, up: string): string {
  const items = entries.map(({ label, address, below }) => {
    const isOpen = below.length > 0 && folderOf(current) === folderOf(address);
    const mark = address === current ? ' aria-current="page"' : '';
    const link = `<a href="${up}${address}"${mark}>${escapeHtml(label)}</a>`;
    return `<li>${link}${isOpen ? `\n${listHtml(below, current, up)}` : ''}</li>\n`;
  });
  return `<ul>\n${items.join('')}</ul>\n`;
}

function folderOf(address: string): string {
  return address.replace(/[^/]+$/, '');
}

/** Headings of the page, for those who look for one: of two levels, and only where there is a choice. */
function contentsHtml(sections: readonly Section[]): string {
  const shown = sections.filter(({ level }) => level === 2 || level === 3);
  if (shown.length < 3) return '';
  const items = shown.map(
    ({ level, anchor, heading }) =>
      `<li${level === 3 ? ' class="deep"' : ''}><a href="#${anchor}">${escapeHtml(heading)}</a></li>\n`,
  );
  return `<nav class="contents" aria-label="On this page">\n<p>On this page</p>\n<ul>\n${items.join('')}</ul>\n</nav>\n`;
}
