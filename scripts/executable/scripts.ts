import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';
import { initialChunkOf } from '../bundle/initial-chunk.ts';
import { buildPage, PAGE_FILES } from '../page/build-page.ts';

const root = join(import.meta.dirname, '../..');
const GO_TEMPLATE = 'packages/go-template/src';
/** Assets that packages/go-template/src/engine-files.ts asks for. */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';

/** A program that ships as one file. */
export interface Program {
  readonly name: 'kubeseal' | 'sealed-secrets-controller';
  readonly packageDirectory: string;
  /** What most runs need, the entry first. The rest would only make the code cache larger to read. */
  readonly initial: readonly string[];
  /** Whether it serves the sealing page. */
  readonly hasPage?: boolean;
  /** An object where names are to stay readable in stack traces. */
  readonly minify: boolean | { readonly mangle: false; readonly compress: true; readonly codegen: true };
}

export const PROGRAMS: Readonly<Record<Program['name'], Program>> = {
  kubeseal: {
    name: 'kubeseal',
    packageDirectory: 'packages/kubeseal-cli',
    initial: [
      'packages/kubeseal-cli/bin/kubeseal.ts',
      'packages/kubeseal-cli/src/commands/change/set.ts',
      'packages/kubeseal-cli/src/run-command.ts',
    ],
    minify: true,
  },
  'sealed-secrets-controller': {
    name: 'sealed-secrets-controller',
    packageDirectory: 'packages/controller',
    initial: ['packages/controller/bin/sealed-secrets-controller.ts', 'packages/controller/src/main.ts'],
    minify: { mangle: false, compress: true, codegen: true },
    hasPage: true,
  },
};

/** What a program is made of. */
export interface Scripts {
  /** Name of the script that starts. */
  readonly main: string;
  /** Names of the files that it asks for by name. */
  readonly assets: readonly string[];
  /** Every module in them: a path, or for what the bundler adds a name that begins with NUL. */
  readonly modules: readonly string[];
}

/** Writes a program as scripts and assets into `outDir`; the same bytes wherever that is. */
export async function writeScripts(program: Program, outDir: string): Promise<Scripts> {
  const main = `${program.name}.cjs`;
  await mkdir(outDir, { recursive: true });
  const [chunks, worker] = await Promise.all([
    writeChunks(program, { main, outDir }),
    writeWorker(outDir),
    copyFile(join(root, GO_TEMPLATE, PROGRAM), join(outDir, PROGRAM)),
  ]);
  const page = program.hasPage ? await writePage(outDir) : [];
  const lazy = chunks.map(({ fileName }) => fileName).filter((name) => name !== main);
  return {
    main,
    assets: [...lazy, WORKER, PROGRAM, ...(program.hasPage ? [PAGE_FILES.controller] : [])].sort(),
    modules: [...new Set([...chunks, ...worker, ...page].flatMap(({ moduleIds }) => moduleIds))].sort(),
  };
}

async function writeChunks(
  { initial, minify }: Program,
  { main, outDir }: { readonly main: string; readonly outDir: string },
): Promise<OutputChunk[]> {
  const bundle = await rolldown({ cwd: root, input: initial[0] ?? '', platform: 'node' });
  try {
    const { output } = await bundle.write({
      dir: outDir,
      format: 'cjs',
      minify,
      entryFileNames: main,
      chunkFileNames: '[name]-[hash].cjs',
      banner: ({ isEntry }) => (isEntry ? requireChunks(main) : ''),
      codeSplitting: { groups: [{ debugName: 'initial', name: initialChunkOf(initial) }] },
    });
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await bundle.close();
  }
}

/** Writes the sealing page as the controller serves it. */
async function writePage(outDir: string): Promise<OutputChunk[]> {
  const work = join(outDir, 'page');
  const chunks = await buildPage(work);
  await copyFile(join(work, PAGE_FILES.controller), join(outDir, PAGE_FILES.controller));
  await rm(work, { recursive: true });
  return chunks;
}

/** Writes the entry of the template engine's threads: a module that imports only what is built into Node. */
async function writeWorker(outDir: string): Promise<OutputChunk[]> {
  const input = `${GO_TEMPLATE}/go-template-worker.ts`;
  const bundle = await rolldown({ cwd: root, input, platform: 'node' });
  try {
    const { output } = await bundle.write({ file: join(outDir, WORKER), format: 'esm', minify: true });
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await bundle.close();
  }
}

/**
 * Replaces `require` in the main script: chunks are assets of the executable, the rest is built into Node.
 */
function requireChunks(main: string): string {
  return `{
const builtin = require;
const loaded = new Map([['./${main}', { exports }]]);
require = (id) => {
  if (!id.startsWith('./')) return builtin(id);
  if (!loaded.has(id)) {
    const module = { exports: {} };
    loaded.set(id, module);
    const source = builtin('node:sea').getAsset(id.slice(2), 'utf8');
    const names = ['require', 'module', 'exports', '__filename', '__dirname'];
    const run = builtin('node:vm').compileFunction(source, names, { filename: id });
    run(require, module, module.exports, process.execPath, builtin('node:path').dirname(process.execPath));
  }
  return loaded.get(id).exports;
};
}`;
}
