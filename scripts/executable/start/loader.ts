import { dirname } from 'node:path';
import { Script } from 'node:vm';

/** The chunk that an executable runs first. */
export const MAIN = 'main.cjs';

/** The asset with V8's code cache of a chunk. */
export function cacheOf(chunk: string): string {
  return `${chunk}.cache`;
}

/** What Node calls `require`, for the chunks of a program. */
type Require = (id: string) => unknown;
type Chunk = (...given: [Require, module: { readonly exports: object }, object, string, string]) => void;

/** The text of a chunk as it is stored: a function of what Node gives to a CommonJS module. */
export function wrapChunk(source: string): string {
  const body = source.replace(/^#!.*/, '');
  return `(function (require, module, exports, __filename, __dirname) {${body}\n})`;
}

/** @param cachedData V8's code cache of this text; V8 compiles the text where the cache does not fit */
export function compileChunk(name: string, text: string, cachedData?: Uint8Array): Script {
  return new Script(text, { filename: name, ...(cachedData ? { cachedData } : {}) });
}

/** A `require` for chunks, each run once; the other modules are built into Node. */
export function requireFrom(chunkOf: (name: string) => Script): Require {
  const loaded = new Map<string, { readonly exports: object }>();
  return function requireChunk(id) {
    if (!id.startsWith('./')) {
      const builtin: unknown = process.getBuiltinModule(id);
      if (builtin === undefined) throw new Error(`the program holds no module ${id}`);
      return builtin;
    }
    const found = loaded.get(id);
    if (found) return found.exports;
    const module = { exports: {} };
    loaded.set(id, module);
    const run = chunkOf(id.slice(2)).runInThisContext() as Chunk;
    run(requireChunk, module, module.exports, process.execPath, dirname(process.execPath));
    return module.exports;
  };
}
