import type { RendererOptions } from '@fuin/go-template';

/** Names of the engine's files, beside the bundle and as assets of the single executable (scripts/build-executable.ts). */
const WORKER = 'go-template-worker.js';
const PROGRAM = 'go-template.wasm.br';

/** Where the template engine is: in the single executable among its assets, so that one file is enough; else where the renderer looks anyway. */
export function templateEngine(): Pick<RendererOptions, 'workerUrl' | 'program'> {
  const sea = process.getBuiltinModule('node:sea');
  if (!sea.isSea()) return {};
  const worker = Buffer.from(sea.getRawAsset(WORKER)).toString('base64'); // a thread starts from a URL, and an asset has none
  return {
    workerUrl: new URL(`data:text/javascript;base64,${worker}`),
    program: new Uint8Array(sea.getRawAsset(PROGRAM)),
  };
}
