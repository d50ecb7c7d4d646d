import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { imageSize } from './image.ts';
import type { Targets } from './markdown.ts';
import { addressOf, fileOf, isOutside, type Source } from './sources.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Where a page's links and images lead on the site. */
export interface SiteTargets extends Targets {
  /** Files of docs that are no pages and were linked to or shown, from the root of the repository. */
  readonly used: ReadonlySet<string>;
}

/**
 * @param pages files that are pages
 * @param inRepository address of a file that is not on the site; undefined where there is none
 */
export function targetsOf(
  { file, address }: Source,
  pages: ReadonlySet<string>,
  inRepository: (path: string) => string | undefined,
): SiteTargets {
  const used = new Set<string>();
  const relative = (path: string) =>
    posix.relative(posix.dirname(address), addressOf(path)) || posix.basename(address);
  const link = (target: string) => {
    if (isOutside(target) || target.startsWith('#')) return target;
    const { path, anchor } = fileOf(file, target);
    if (pages.has(path)) return `${relative(path)}${anchor === '' ? '' : `#${anchor}`}`;
    if (!isFileOfDocs(path)) return inRepository(path);
    used.add(path);
    return relative(path);
  };
  const image = (target: string) => {
    const { path } = fileOf(file, target);
    used.add(path);
    return { src: relative(path), loading: 'lazy', ...imageSize(join(ROOT, path)) };
  };
  return { used, link, image };
}

function isFileOfDocs(path: string): boolean {
  return path.startsWith('docs/') && !path.endsWith('.md') && existsSync(join(ROOT, path));
}
