import { copyFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { goComponents, npmComponents } from '../licenses/components.ts';
import { formatNotices } from '../licenses/notices.ts';
import { buildPage, PURE } from '../page/build-page.ts';
import { toAscii } from './ascii.ts';
import {
  BROWSER_CORE,
  BUNDLES,
  type Bundle,
  PAGE_DIRECTORY,
  SERVED_PAGE,
  TEMPLATE_PROGRAM,
} from './bundles.ts';
import { declareTypes } from './declarations.ts';
import { initialChunkOf } from './initial-chunk.ts';
import { describeSizes, sizesOf } from './sizes.ts';

const root = join(import.meta.dirname, '../..');

/** Writes ASCII alone, once the code is as it will be. */
const inAscii: Plugin = {
  name: 'ascii',
  generateBundle(_options, bundle) {
    for (const item of Object.values(bundle)) if (item.type === 'chunk') item.code = toAscii(item.code);
  },
};

/**
 * Builds one bundle into `outDir` and gives its chunks.
 *
 * @param target below which the sealing page was built, for a bundle that holds it
 */
async function build(
  { entries, platform, isCommonJs = false, minify = false, initial, assets = [], external = [] }: Bundle,
  outDir: string,
  target: string = root,
): Promise<OutputChunk[]> {
  const ending = isCommonJs ? 'cjs' : 'js';
  const bundle = await rolldown({
    cwd: root,
    input: { ...entries },
    platform,
    external: [...external],
    treeshake: { manualPureFunctions: PURE },
  });
  try {
    const { output } = await bundle.write({
      dir: outDir,
      format: isCommonJs ? 'cjs' : 'esm',
      minify: typeof minify === 'object' ? { ...minify, compress: true, codegen: true } : minify,
      entryFileNames: `[name].${ending}`,
      chunkFileNames: `[name]-[hash].${ending}`,
      plugins: platform === 'node' ? [inAscii] : [],
      ...(initial
        ? {
            codeSplitting: {
              groups: [{ debugName: 'initial', name: initialChunkOf([initial]) }],
            },
          }
        : {}),
    });
    for (const asset of assets)
      await copyFile(join(asset === SERVED_PAGE ? target : root, asset), join(outDir, basename(asset)));
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await bundle.close();
  }
}

/** Builds crypto-core as a page loads it into a folder of the caller's choice: for tests. */
export function buildCryptoCore(outDir: string): Promise<OutputChunk[]> {
  return build(BROWSER_CORE, outDir);
}

/** Writes the licences of everything of others that a bundle holds beside it. */
async function writeLicenses({ assets = [] }: Bundle, outDir: string, chunks: readonly OutputChunk[]) {
  const engine = assets.includes(TEMPLATE_PROGRAM) ? await goComponents() : [];
  const components = [...(await npmComponents(chunks.flatMap(({ moduleIds }) => moduleIds))), ...engine];
  if (components.length === 0) return;
  await writeFile(join(outDir, 'THIRD-PARTY-LICENSES.txt'), formatNotices('This package', components));
}

type Print = (line: string) => void;

function report(outDir: string, chunks: readonly OutputChunk[], print: Print): void {
  for (const { fileName, code, isEntry } of chunks) {
    const size = `${(Buffer.byteLength(code) / 1024).toFixed(1)} KiB`;
    print(`${size.padStart(12)}  ${outDir}/${fileName}${isEntry ? '' : ' (chunk)'}`);
  }
}

function reportSizes(chunks: readonly OutputChunk[], print: Print): void {
  const line = (title: string, entries: readonly string[], isLazyToo: boolean) =>
    print(describeSizes(title, sizesOf(chunks, entries, isLazyToo)));
  line('crypto-core in a browser', ['index.js'], false);
  line('with x509, to read certificates', ['index.js', 'x509.js'], false);
  line('with v2, for post-quantum values', ['index.js', 'v2.js'], false);
  line('with x509, to make them too', ['index.js', 'x509.js'], true);
}

/**
 * Builds all bundles, or those whose folder contains `wanted`, into their folders below `target`; gives the
 * chunks of the last one.
 */
export async function buildBundles(target: string, wanted: string, print: Print): Promise<OutputChunk[]> {
  const bundles = BUNDLES.filter(({ outDir }) => outDir.includes(wanted));
  const needsPage = bundles.some(({ assets = [] }) => assets.includes(SERVED_PAGE));
  const page =
    needsPage || PAGE_DIRECTORY.includes(wanted) ? await buildPage(join(target, PAGE_DIRECTORY)) : [];
  report(PAGE_DIRECTORY, page, print);
  let last: OutputChunk[] = [];
  for (const bundle of bundles) {
    const outDir = join(target, bundle.outDir);
    await rm(outDir, { recursive: true, force: true });
    const chunks = await build(bundle, outDir, target);
    report(bundle.outDir, chunks, print);
    const beside = bundle.assets?.includes(SERVED_PAGE) ? page : [];
    await writeLicenses(bundle, outDir, [...chunks, ...beside]);
    if (bundle.types) await declareTypes(bundle.types, outDir);
    if (bundle === BROWSER_CORE) reportSizes(chunks, print);
    last = chunks;
  }
  return last;
}

/** `node scripts/bundle/bundle.ts [part of an output folder]`: builds all, or those that match. */
if (import.meta.main) await buildBundles(root, process.argv[2] ?? '', console.log);
