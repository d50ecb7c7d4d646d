import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';

/** A link of a built page that leads nowhere. */
export interface BrokenLink {
  readonly page: string;
  readonly target: string;
}

const TARGET = /<(?:a|link|script|img|form)\b[^>]*?\s(?:href|src|action)="([^"]*)"/g;
const ANCHOR = /\sid="([^"]*)"/g;

/** Targets of pages below a folder that are not there; anchors count, other sites do not. */
export async function findBrokenLinks(directory: string): Promise<BrokenLink[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => posix.join(parentPath, name).slice(directory.length + 1));
  const pages = new Map<string, string>();
  for (const file of files)
    if (file.endsWith('.html')) pages.set(file, await readFile(join(directory, file), 'utf8'));
  const anchors = new Map([...pages].map(([page, html]) => [page, new Set(allOf(html, ANCHOR))]));
  const isThere = (page: string, target: string): boolean => {
    const [path = '', anchor = ''] = decodeURIComponent(target).split('#');
    const file = path === '' ? page : posix.join(posix.dirname(page), path);
    return files.includes(file) && (anchor === '' || (anchors.get(file)?.has(anchor) ?? false));
  };
  return [...pages].flatMap(([page, html]) => {
    const targets = allOf(html, TARGET).filter((target) => !/^[a-z]+:/i.test(target));
    return targets.filter((target) => !isThere(page, target)).map((target) => ({ page, target }));
  });
}

function allOf(html: string, pattern: RegExp): string[] {
  return [...html.matchAll(pattern)].map(([, found = '']) => found.replaceAll('&amp;', '&'));
}
