/** Names of the engine's files: beside the bundle, or as assets of a single executable. */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';

/** Where the engine's two files are. */
export interface EngineFiles {
  readonly workerUrl: URL;
  readonly program: URL | Uint8Array;
}

/** The engine's files: assets of a single executable, so that one file is enough, or beside this file. */
export function engineFiles(): EngineFiles {
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea() || !sea.getAssetKeys().includes(PROGRAM)) return besideThisFile();
  // A thread starts from a URL, and an asset has none.
  const worker = Buffer.from(sea.getRawAsset(WORKER)).toString('base64');
  return {
    workerUrl: new URL(`data:text/javascript;base64,${worker}`),
    program: new Uint8Array(sea.getRawAsset(PROGRAM)),
  };
}

/** In the sources the worker is a .ts file; in a bundle it is the .js file built from it. */
function besideThisFile(): EngineFiles {
  const worker = import.meta.url.endsWith('.ts') ? WORKER.replace(/js$/, 'ts') : WORKER;
  return { workerUrl: new URL(worker, import.meta.url), program: new URL(PROGRAM, import.meta.url) };
}
