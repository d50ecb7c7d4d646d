import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { initialChunkOf } from './build.ts';

/**
 * `node scripts/build-executable.ts`: kubeseal as one executable file, Node and code cache included, beside the bundle that `build` makes. What
 * loads lazily lies in it as assets, and so does the template engine: nothing else is needed beside the file.
 */
const root = join(import.meta.dirname, '..');
const CLI = 'packages/kubeseal-cli';
const GO_TEMPLATE = 'packages/go-template/src';
/** Assets that packages/kubeseal-cli/src/template-engine.ts asks for. */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';
/** What most runs need: the way from the command line to sealed YAML. The rest would only make the code cache larger to read. */
const INITIAL = [`${CLI}/bin/kubeseal.ts`, `${CLI}/src/yaml/parse.ts`];

/** Replaces `require` in the main script: chunks come from the executable's assets, everything else is built into Node. */
const REQUIRE_CHUNKS = `{
const builtin = require;
const loaded = new Map([['./kubeseal.cjs', { exports }]]);
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

/** Builds the scripts into `outDir` and gives the names of the lazy ones. */
async function buildScripts(outDir: string): Promise<string[]> {
  const bundle = await rolldown({ cwd: root, input: { kubeseal: INITIAL[0] ?? '' }, platform: 'node' });
  try {
    const { output } = await bundle.write({
      dir: outDir,
      format: 'cjs',
      minify: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
      banner: ({ isEntry }) => (isEntry ? REQUIRE_CHUNKS : ''),
      codeSplitting: { groups: [{ debugName: 'initial', name: initialChunkOf(INITIAL) }] },
    });
    return output.map(({ fileName }) => fileName).filter((name) => name !== 'kubeseal.cjs');
  } finally {
    await bundle.close();
  }
}

/** Builds the entry of the template engine's threads, as a module that imports nothing but what is built into Node. */
async function buildWorker(outDir: string): Promise<void> {
  const input = `${GO_TEMPLATE}/go-template-worker.ts`;
  const bundle = await rolldown({ cwd: root, input, platform: 'node' });
  try {
    await bundle.write({ file: join(outDir, WORKER), format: 'esm', minify: true });
  } finally {
    await bundle.close();
  }
}

/** Builds the executable and gives its path. */
export async function buildExecutable(output = join(root, CLI, 'dist/kubeseal')): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'kubeseal-executable-'));
  try {
    const chunks = await buildScripts(work);
    await buildWorker(work);
    const scripts = [...chunks, WORKER].map((name) => [name, join(work, name)]);
    const config = {
      main: join(work, 'kubeseal.cjs'),
      output,
      disableExperimentalSEAWarning: true,
      useCodeCache: true,
      assets: { ...Object.fromEntries(scripts), [PROGRAM]: join(root, GO_TEMPLATE, PROGRAM) },
    };
    await mkdir(dirname(output), { recursive: true }); // a fresh checkout has no dist
    await writeFile(join(work, 'sea.json'), JSON.stringify(config));
    const { status, stderr } = spawnSync(process.execPath, ['--build-sea', join(work, 'sea.json')], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`node --build-sea failed: ${stderr}`);
    return output;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(await buildExecutable());
