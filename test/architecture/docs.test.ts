import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Anchors } from '../../scripts/site/pages/anchors.ts';
import { fileOf } from '../../scripts/site/pages/sources.ts';

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

/** Anchors of the headings of a page, as GitHub makes them. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Anchors();
  const headings = [...withoutBlocks(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(
    ([, heading = '']) => heading,
  );
  return new Set(headings.map((heading) => anchors.next(heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'))));
}

function leadsSomewhere({ page, target }: Link): boolean {
  const { path, anchor } = fileOf(page, target);
  if (path.startsWith('..') || !existsSync(join(root, path))) return false;
  return anchor === '' || (path.endsWith('.md') && anchorsOf(path).has(anchor));
}

/** Pages that can be reached from README.md by links alone. */
function reachablePages(): Set<string> {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    for (const link of linksOf(page)) {
      const { path } = fileOf(link.page, link.target);
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
