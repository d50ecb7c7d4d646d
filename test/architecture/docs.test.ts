import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage', '.cache', '.git']);
const pages = globSync('**/*.md', {
  cwd: root,
  exclude: (path) => path.split('/').some((part) => NOT_OURS.has(part)),
});

interface Link {
  readonly page: string;
  readonly target: string;
}

/** The text without what Markdown does not read as links: fenced blocks and code spans. */
function prose(page: string): string {
  return withoutBlocks(page).replace(/`[^`\n]*`/g, '');
}

function withoutBlocks(page: string): string {
  return readFileSync(join(root, page), 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
}

/** `[text](target)` and `[label]: target`, but for those of other sites. */
function linksOf(page: string): Link[] {
  const found = prose(page).matchAll(/\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*(\S+)/gm);
  const targets = [...found].map(([, inline, reference]) => inline ?? reference ?? '');
  return targets.filter((target) => !/^[a-z]+:/.test(target)).map((target) => ({ page, target }));
}

/** Path from the root, and anchor, of what a link leads to. */
function destination({ page, target }: Link): { path: string; anchor: string } {
  const [path = '', anchor = ''] = decodeURIComponent(target).split('#');
  return { path: path === '' ? page : relative(root, join(root, dirname(page), path)), anchor };
}

/**
 * Anchors of headings as GitHub makes them: lower case, no punctuation, hyphens for spaces, a number when a
 * name repeats.
 */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '').replaceAll(' ', '-');
    let name = anchor;
    for (let count = 1; anchors.has(name); count++) name = `${anchor}-${count}`;
    anchors.add(name);
  }
  return anchors;
}

function leadsSomewhere(link: Link): boolean {
  const { path, anchor } = destination(link);
  if (path.startsWith('..') || !existsSync(join(root, path))) return false;
  return anchor === '' || (path.endsWith('.md') && anchorsOf(path).has(anchor));
}

/** Pages that can be reached from README.md by links alone. */
function reachablePages(): Set<string> {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const link of linksOf(page)) {
      const { path } = destination(link);
      if (pages.includes(path)) reached.add(path);
    }
  }
  return reached;
}

describe('Markdown', () => {
  it('has links that lead to files and headings', () => {
    const links = pages.flatMap(linksOf);
    expect(links).not.toEqual([]);
    expect(links.filter((link) => !leadsSomewhere(link))).toEqual([]);
  });
  it('leads from the README to every page of docs', () => {
    const reached = reachablePages();
    expect(pages.filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
  });
  it('names scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const known = [...Object.keys(scripts), 'exec'];
    const named = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/npx -y pnpm@12 ([a-z0-9]+)/g)].map(
        ([, name = '']) => ({ page, name }),
      ),
    );
    expect(named.filter(({ name }) => !known.includes(name))).toEqual([]);
  });
  it('shows the way to the demo and the tests on the first screen', () => {
    const screen = readFileSync(join(root, 'README.md'), 'utf8').split('\n').slice(0, 25).join('\n');
    for (const script of ['demo', 'test']) expect(screen).toContain(`npx -y pnpm@12 ${script}`);
  });
});
