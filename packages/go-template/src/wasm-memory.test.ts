import { describe, expect, it } from 'vitest';
import { limitMemory, PAGE_BYTES } from './wasm-memory.ts';

const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
/** A module that exports a memory of two pages without a maximum. */
const wasm = Uint8Array.from([...header, 5, 3, 1, 0, 2, 7, 5, 1, 1, 0x6d, 2, 0]);

async function memoryOf(binary: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Memory> {
  const { instance } = await WebAssembly.instantiate(binary);
  const memory = instance.exports['m'];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error('no memory');
  return memory;
}

describe('limitMemory', () => {
  it.each([2, 3, 127, 128, 1024])('lets memory grow to %i pages and no further', async (pages) => {
    const memory = await memoryOf(limitMemory(wasm, pages * PAGE_BYTES + 1));
    memory.grow(pages - 2);
    expect(memory.buffer.byteLength).toBe(pages * PAGE_BYTES);
    expect(() => memory.grow(1)).toThrow(RangeError);
  });

  it('refuses a limit below the size at the start', () => {
    expect(() => limitMemory(wasm, 2 * PAGE_BYTES - 1)).toThrow('at least 131072 bytes');
  });

  it('refuses a module without memory', () => {
    expect(() => limitMemory(Uint8Array.from(header), PAGE_BYTES)).toThrow('no memory of its own');
  });

  it('refuses a module that ends inside a number', () => {
    expect(() => limitMemory(Uint8Array.from([...header, 5, 0x80]), PAGE_BYTES)).toThrow(
      'ends inside a number',
    );
  });
});
