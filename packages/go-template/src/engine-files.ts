/** Names of the engine's files, beside the bundle and as assets of a single executable (scripts/executable/executable.ts). */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';

/** Where the engine's two files are. */
export interface EngineFiles {
  readonly workerUrl: URL;
  readonly program: URL | Uint8Array;
}

/** Where the engine's files are: in a single executable among its assets, so that one file is enough; else beside this file. */
export function engineFiles(): EngineFiles {
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea() || !sea.getAssetKeys().includes(PROGRAM)) return besideThisFile();
  const worker = Buffer.from(sea.getRawAsset(WORKER)).toString('base64'); // a thread starts from a URL, and an asset has none
  return {
    workerUrl: new URL(`data:text/javascript;base64,${worker}`),
    program: new Uint8Array(sea.getRawAsset(PROGRAM)),
  };
}

/** In source the worker is a .ts file, in a bundle the .js file that was built from it. */
function besideThisFile(): EngineFiles {
  const worker = import.meta.url.endsWith('.ts') ? WORKER.replace(/js$/, 'ts') : WORKER;
  return { workerUrl: new URL(worker, import.meta.url), program: new URL(PROGRAM, import.meta.url) };
}
