import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { limitMemory } from './wasm-memory.ts';

/** A little more than the program's size, so that it is unpacked into one buffer, which is twice as fast. */
const PROGRAM_ROOM_BYTES = 13_000_000;

/**
 * Reads the compressed Go program (brotli), limits its memory and compiles it off the event loop.
 * The result can be sent to any number of threads, which then share the machine code.
 */
export async function loadModule(
  source: URL | Uint8Array,
  maxMemoryBytes: number,
): Promise<WebAssembly.Module> {
  const compressed = source instanceof URL ? await readFile(source) : source;
  const wasm = await promisify(brotliDecompress)(compressed, { chunkSize: PROGRAM_ROOM_BYTES });
  return WebAssembly.compile(limitMemory(wasm, maxMemoryBytes));
}
