import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodeSplittingGroup, type OutputChunk, type OutputOptions, rolldown } from 'rolldown';
import { npmComponents } from '../licenses/components.ts';
import { formatNotices } from '../licenses/notices.ts';
import { hashOf, type Part, pageHtml } from './html.ts';

const root = join(import.meta.dirname, '../..');
const SOURCE = join(root, 'packages/web/src');

const STYLES = ['base', 'controls', 'parts'];
const ENTRY = 'packages/web/src/main.ts';
/** The names of what the build writes. */
export const PAGE_FILES = {
  /** One file that works from a disk. */
  single: 'seal.html',
  /** For any web server. */
  folder: 'index.html',
  /** One file too, for the controller, whose certificate it loads. */
  controller: 'controller.html',
} as const;

/** What others contributed to the page, beside its files. */
export const PAGE_LICENSES = 'THIRD-PARTY-LICENSES.txt';
/** Where the controller has its certificate, as seen from the page. */
const CERTIFICATE = '../v1/cert.pem';

/** Writes the page in its forms into `outDir`, which is emptied. Gives the chunks of its scripts. */
export async function buildPage(outDir: string): Promise<OutputChunk[]> {
  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const css = await readStyle();
  const chunks = await bundle({ groups: groupsOf(await bundle(true)) });
  const [entry] = chunks.filter(({ isEntry }) => isEntry);
  const [whole] = await bundle(false);
  if (!entry || !whole) throw new Error('the page has no script');
  const style = { file: `page-${hashOf(css, 'sha256').slice(7, 15).replace(/\W/g, '_')}.css`, text: css };
  const parts = {
    script: partOf(entry),
    style,
    later: chunks.filter((chunk) => chunk !== entry).map(partOf),
  };
  const single = { script: { text: inlined(whole.code) }, style: { text: css }, later: [] };
  const files: readonly Part[] = [
    ...chunks.map(partOf),
    style,
    { file: PAGE_FILES.folder, text: pageHtml(parts) },
    { file: PAGE_FILES.controller, text: pageHtml({ ...single, certificate: CERTIFICATE }) },
    { file: PAGE_FILES.single, text: pageHtml(single) },
  ];
  for (const { file = '', text } of files) await writeFile(join(outDir, file), text);
  const components = await npmComponents(whole.moduleIds);
  await writeFile(join(outDir, PAGE_LICENSES), formatNotices('The sealing page', components));
  return chunks;
}

/** The style without comments and with little space. */
async function readStyle(): Promise<string> {
  const files = STYLES.map((name) => readFile(join(SOURCE, 'styles', `${name}.css`), 'utf8'));
  const css = (await Promise.all(files)).join('');
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .trim();
}

type Splitting = NonNullable<OutputOptions['codeSplitting']>;

/**
 * Few files instead of the many that the bundler makes: what every visit needs is one, and so is everything
 * that reads YAML.
 *
 * @param chunks as the bundler split them, which tells who needs what after unused code is gone
 */
function groupsOf(chunks: readonly OutputChunk[]): CodeSplittingGroup[] {
  const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set<string>();
  const reach = (chunk: OutputChunk | undefined): void => {
    for (const id of chunk?.moduleIds ?? []) first.add(id);
    for (const name of chunk?.imports ?? []) reach(byName.get(name));
  };
  reach(chunks.find(({ isEntry }) => isEntry));
  return [
    { name: 'page', test: (id) => first.has(id), priority: 2 },
    { name: 'load', test: /\/(?:web\/src\/load|manifests\/src|yaml)\//, priority: 1 },
  ];
}

/**
 * Makers of KEMs in `@noble/post-quantum`, which the package does not mark as free of side effects: those
 * that nobody uses are left out, with the curves under them. Everything that bundles it names them.
 */
export const PURE = ['QSF', 'createKitchenSink', 'ecdhKem'];

async function bundle(codeSplitting: Splitting): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    input: { page: ENTRY },
    platform: 'browser',
    preserveEntrySignatures: false,
    treeshake: { manualPureFunctions: PURE },
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      minify: true,
      entryFileNames: '[name]-[hash].js',
      chunkFileNames: '[name]-[hash].js',
      codeSplitting,
    });
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await build.close();
  }
}

function partOf({ fileName, code }: OutputChunk): Part {
  return { file: fileName, text: code };
}

/** Script text that cannot end the element it stands in. */
function inlined(code: string): string {
  return code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}
