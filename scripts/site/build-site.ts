import { cp, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFiles } from '../files.ts';
import { fileAddress, OWNER, type Owner } from '../owner.ts';
import { buildPage } from '../page/build-page.ts';
import { findBrokenLinks } from './check-links.ts';
import { bundleScripts } from './client/bundle.ts';
import { type Content, FILES, pageHtml } from './layout.ts';
import { renderMarkdown } from './pages/markdown.ts';
import { readNavigation } from './pages/navigation.ts';
import { addressOf, readSources, type Source } from './pages/sources.ts';
import { targetsOf } from './pages/targets.ts';
import { searchIndex } from './search-index.ts';
import { writeVersions } from './versions.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The last ones change what the first ones say. */
const STYLES = ['base', 'frame', 'text', 'widths'];

/** The one page without a source: its script fills it. */
const SEARCH: Content = {
  address: FILES.search,
  title: 'Search',
  html: '<h1>Search</h1>\n<p role="status">This page needs JavaScript.</p>\n<ol class="results"></ol>\n',
  sections: [],
  source: undefined,
};

/**
 * Writes the documentation of a version into a folder of its name below `outDir`, and the list of versions
 * beside it.
 *
 * @throws Error when a link leads nowhere, or a page is more than Markdown
 */
export async function buildSite(outDir: string, version: string, owner: Owner = OWNER): Promise<void> {
  const folder = join(outDir, version);
  await rm(folder, { recursive: true, force: true });
  const sources = readSources();
  const { contents, used } = contentsOf(sources, (path) => fileAddress(owner, version, path));
  const frame = { version, navigation: readNavigation(sources) };
  const texts = new Map([...contents, SEARCH].map((content) => [content.address, pageHtml(content, frame)]));
  texts.set(FILES.style, await readStyle());
  texts.set(FILES.searchIndex, searchIndex(contents));
  for (const [name, text] of await bundleScripts()) texts.set(name, text);
  await writeFiles(folder, texts);
  for (const file of used) await cp(join(ROOT, file), join(folder, addressOf(file)));
  await buildPage(join(folder, dirname(FILES.sealingPage)));
  await writeVersions(outDir);
  const broken = await findBrokenLinks(outDir);
  if (broken.length > 0) throw new Error(`links that lead nowhere: ${JSON.stringify(broken, null, 2)}`);
}

async function readStyle(): Promise<string> {
  const files = STYLES.map((name) => readFile(join(import.meta.dirname, 'styles', `${name}.css`), 'utf8'));
  return (await Promise.all(files)).join('\n');
}

/** All pages, and the other files that they show or link to. */
function contentsOf(sources: readonly Source[], inRepository: (path: string) => string | undefined) {
  const pages = new Set(sources.map(({ file }) => file));
  const used = new Set<string>();
  const contents = sources.map((source): Content => {
    const targets = targetsOf(source, pages, inRepository);
    const rendered = renderMarkdown(source.file, source.text, targets);
    for (const file of targets.used) used.add(file);
    return { address: source.address, source: inRepository(source.file), ...rendered };
  });
  return { contents, used };
}
