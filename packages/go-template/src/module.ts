import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { limitMemory } from './wasm-memory.ts';

/**
 * Reads the compressed Go program (brotli), limits its memory and compiles it off the event loop.
 * The result can be posted to any number of workers, which then share the machine code.
 */
export async function loadModule(
  source: URL | Uint8Array,
  maxMemoryBytes: number,
): Promise<WebAssembly.Module> {
  const compressed = source instanceof URL ? await readFile(source) : source;
  const wasm = await promisify(brotliDecompress)(compressed);
  return WebAssembly.compile(limitMemory(wasm, maxMemoryBytes));
}
