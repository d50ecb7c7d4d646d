import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type OutputChunk, rolldown } from 'rolldown';
import { toAscii } from '../bundle/ascii.ts';
import { initialChunkOf } from '../bundle/initial-chunk.ts';
import { buildPage, PAGE_FILES } from '../page/build-page.ts';
import { cacheOf, MAIN, wrapChunk } from './start/loader.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const GO_TEMPLATE = 'packages/go-template/src';
/** Assets that packages/go-template/src/engine-files.ts asks for. */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';
const START = 'start.cjs';
/**
 * V8 salts its hash tables, and a code cache shows their order. V8 does not compare the seed before it
 * accepts a cache.
 */
const SAME_BYTES = '--random-seed=1';

/** A program that ships as one file. */
export interface Program {
  readonly name: 'kubeseal' | 'sealed-secrets-controller';
  readonly packageDirectory: string;
  /** What most runs need, the entry first. The rest would only make the code cache larger to read. */
  readonly initial: readonly string[];
  /**
   * Command lines whose code is compiled when the executable is built (warm-up.ts), one after the other in
   * one directory. They read no random value, such as one that was just sealed: its bytes would decide what
   * runs, and so what the caches hold.
   */
  readonly warmUp: readonly string[];
  /** Flags of V8. One that changes code would make V8 refuse every code cache, Node's own among them. */
  readonly v8Flags: readonly string[];
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
    warmUp: [
      '--version',
      '--cert certificate.pem -f secret.yaml',
      '--cert certificate.pem -f secret.yaml --format=yaml -w written.yaml',
      'check sealed.yaml',
      'set sealed.yaml item=value --cert certificate.pem',
      'create namespace/name item=value --cert certificate.pem -w created.yaml',
    ],
    v8Flags: ['--min-semi-space-size=16'], // MiB, as much as it grows to: a short run collects no garbage
    minify: true,
  },
  'sealed-secrets-controller': {
    name: 'sealed-secrets-controller',
    packageDirectory: 'packages/controller',
    initial: ['packages/controller/bin/sealed-secrets-controller.ts', 'packages/controller/src/main.ts'],
    warmUp: [], // it starts once and then compiles what it runs often
    v8Flags: [],
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
  await mkdir(outDir, { recursive: true });
  const [chunks] = await Promise.all([
    writeChunks(program, outDir),
    copyFile(join(root, GO_TEMPLATE, PROGRAM), join(outDir, PROGRAM)),
  ]);
  const worker = await writeScript(`${GO_TEMPLATE}/go-template-worker.ts`, join(outDir, WORKER), 'esm');
  await writeScript('scripts/executable/start/start.ts', join(outDir, START), 'cjs');
  const page = program.hasPage ? await writePage(outDir) : [];
  const names = chunks.map(({ fileName }) => fileName);
  return {
    main: START,
    assets: [...names, WORKER, PROGRAM, ...(program.hasPage ? [PAGE_FILES.controller] : [])].sort(),
    modules: [...new Set([...chunks, ...worker, ...page].flatMap(({ moduleIds }) => moduleIds))].sort(),
  };
}

/** Writes code caches beside the scripts of a program, for this machine's Node. @returns their names */
export async function writeCaches({ warmUp }: Program, outDir: string): Promise<string[]> {
  const script = join(import.meta.dirname, 'start/warm-up.ts');
  const commands = JSON.stringify(warmUp.map((line) => line.split(' ')));
  await run(process.execPath, [SAME_BYTES, script, outDir, commands], { env: { HOME: outDir } });
  return (await readdir(outDir)).filter((name) => name.endsWith(cacheOf(''))).sort();
}

async function writeChunks({ initial, minify }: Program, outDir: string): Promise<OutputChunk[]> {
  const bundle = await rolldown({ cwd: root, input: initial[0] ?? '', platform: 'node' });
  try {
    const { output } = await bundle.generate({
      format: 'cjs',
      minify,
      entryFileNames: MAIN,
      chunkFileNames: '[name]-[hash].cjs',
      codeSplitting: { groups: [{ debugName: 'initial', name: initialChunkOf(initial) }] },
    });
    const chunks = output.filter((item) => item.type === 'chunk');
    for (const { fileName, code } of chunks)
      await writeFile(join(outDir, fileName), wrapChunk(toAscii(code)));
    return chunks;
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

/** Writes a script of its own, which imports only what is built into Node. */
async function writeScript(input: string, file: string, format: 'cjs' | 'esm'): Promise<OutputChunk[]> {
  const bundle = await rolldown({ cwd: root, input, platform: 'node' });
  try {
    const { output } = await bundle.write({ file, format, minify: true });
    return output.filter((item) => item.type === 'chunk');
  } finally {
    await bundle.close();
  }
}
