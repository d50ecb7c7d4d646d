import { spawnSync } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type ChunkingContext, type OutputChunk, rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const GO_TEMPLATE = 'packages/go-template/src';

/** One row per thing that ships: where it goes, what it is made of, and where it runs. */
interface Bundle {
  readonly outDir: string;
  /** Output name -> source. Each becomes `<name>.js`; what they share, and what loads lazily, become chunks beside them. */
  readonly entries: Readonly<Record<string, string>>;
  readonly platform: 'browser' | 'node';
  /** True for the smallest; an object where names are to stay readable in stack traces. */
  readonly minify?: boolean | { readonly mangle: false };
  /** Put what loads at start into one chunk: each file costs a program that starts anew for every command a part of a millisecond. */
  readonly oneInitialChunk?: boolean;
  /** Files that the program reads at run time beside its code. */
  readonly assets?: readonly string[];
}

/** Both programs render templates: the worker thread and its WebAssembly are looked up beside the bundle. */
const templateEngine = { 'go-template-worker': `${GO_TEMPLATE}/go-template-worker.ts` };
const templateProgram = `${GO_TEMPLATE}/go-template.wasm.br`;

const CRYPTO_CORE: Bundle = {
  outDir: 'packages/crypto-core/dist',
  entries: {
    index: 'packages/crypto-core/src/index.ts',
    errors: 'packages/crypto-core/src/errors.ts',
    x509: 'packages/crypto-core/src/x509.ts',
  },
  platform: 'browser', // and Node: nothing in it needs either
};

const BUNDLES: readonly Bundle[] = [
  CRYPTO_CORE,
  {
    outDir: 'packages/kubeseal-cli/dist',
    entries: { kubeseal: 'packages/kubeseal-cli/bin/kubeseal.ts', ...templateEngine },
    platform: 'node',
    minify: true, // it starts anew for each command
    oneInitialChunk: true,
    assets: [templateProgram],
  },
  {
    outDir: 'packages/controller/dist',
    entries: {
      'sealed-secrets-controller': 'packages/controller/bin/sealed-secrets-controller.ts',
      ...templateEngine,
    },
    platform: 'node',
    minify: { mangle: false }, // source text stays in memory; names stay for logged stacks
    assets: [templateProgram],
  },
];

/** Names the chunk of every module that the entries reach without a dynamic import. */
export function initialChunkOf(
  entries: readonly string[],
): (id: string, context: ChunkingContext) => string | null {
  const reached = new Set<string>();
  const reach = (id: string, context: ChunkingContext): void => {
    if (reached.has(id)) return;
    reached.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) reach(imported, context);
  };
  return function initialChunk(id, context) {
    for (const entry of entries) reach(join(root, entry), context);
    return reached.has(id) ? 'initial' : null;
  };
}

/** Builds one bundle into `outDir` and gives its chunks. */
async function build(
  { entries, platform, minify = false, oneInitialChunk = false, assets = [] }: Bundle,
  outDir: string,
): Promise<OutputChunk[]> {
  const bundle = await rolldown({ cwd: root, input: { ...entries }, platform });
  try {
    const { output } = await bundle.write({
      dir: outDir,
      format: 'esm',
      minify: typeof minify === 'object' ? { ...minify, compress: true, codegen: true } : minify,
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      ...(oneInitialChunk
        ? {
            codeSplitting: {
              groups: [{ debugName: 'initial', name: initialChunkOf(Object.values(entries).slice(0, 1)) }],
            },
          }
        : {}),
    });
    await Promise.all(assets.map((asset) => copyFile(join(root, asset), join(outDir, basename(asset)))));
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await bundle.close();
  }
}

/** Builds crypto-core as it ships into a folder of the caller's choice: for tests. */
export function buildCryptoCore(outDir: string): Promise<OutputChunk[]> {
  return build(CRYPTO_CORE, outDir);
}

/** Declarations of crypto-core, beside its bundle. */
function declareTypes(): void {
  const out = ['--rootDir', 'packages/crypto-core/src', '--outDir', 'packages/crypto-core/dist'];
  const args = [
    '-p',
    'packages/crypto-core',
    '--noEmit',
    'false',
    '--declaration',
    '--emitDeclarationOnly',
    ...out,
  ];
  const { status } = spawnSync(join(root, 'node_modules/.bin/tsc'), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('tsc could not declare the types of crypto-core');
}

function report(outDir: string, chunks: readonly OutputChunk[]): void {
  for (const { fileName, code, isEntry } of chunks) {
    const size = `${(Buffer.byteLength(code) / 1024).toFixed(1)} KiB`;
    console.log(`${size.padStart(12)}  ${outDir}/${fileName}${isEntry ? '' : ' (chunk)'}`);
  }
}

/** `node scripts/build.ts [part of an output folder]`: builds all, or those that match. */
async function main(wanted = ''): Promise<void> {
  for (const bundle of BUNDLES.filter(({ outDir }) => outDir.includes(wanted))) {
    await rm(join(root, bundle.outDir), { recursive: true, force: true });
    report(bundle.outDir, await build(bundle, join(root, bundle.outDir)));
    if (bundle === CRYPTO_CORE) declareTypes();
  }
}

if (import.meta.main) await main(process.argv[2]);
