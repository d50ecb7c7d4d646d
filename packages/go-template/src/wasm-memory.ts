const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const HAS_MAXIMUM = 1;

/** Size of one page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;

/**
 * Returns a copy of a WebAssembly binary whose memory cannot grow beyond `maxBytes`, rounded down to pages.
 * Go's linker exports a memory without maximum; the engine enforces one that is written into the binary.
 * @throws RangeError when the binary has no memory section, or its memory starts larger than `maxBytes`
 */
export function limitMemory(wasm: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
  const section = findSection(wasm, MEMORY_SECTION);
  if (!section) throw new RangeError('the WebAssembly module has no memory of its own');
  const [, afterCount] = readLeb(wasm, section.start);
  const [, afterFlags] = readLeb(wasm, afterCount);
  const [minPages] = readLeb(wasm, afterFlags);
  const maxPages = Math.floor(maxBytes / PAGE_BYTES);
  if (maxPages < minPages) {
    throw new RangeError(`the sandbox needs at least ${minPages * PAGE_BYTES} bytes of memory`);
  }
  const body = [1, HAS_MAXIMUM, ...writeLeb(minPages), ...writeLeb(maxPages)];
  const patched = [MEMORY_SECTION, ...writeLeb(body.length), ...body];
  const result = new Uint8Array(section.header + patched.length + wasm.length - section.end);
  result.set(wasm.subarray(0, section.header));
  result.set(patched, section.header);
  result.set(wasm.subarray(section.end), section.header + patched.length);
  return result;
}

interface Section {
  readonly header: number;
  readonly start: number;
  readonly end: number;
}

function findSection(wasm: Uint8Array, id: number): Section | undefined {
  let header = HEADER_BYTES;
  while (header < wasm.length) {
    const [size, start] = readLeb(wasm, header + 1);
    if (wasm[header] === id) return { header, start, end: start + size };
    header = start + size;
  }
  return undefined;
}

/** Reads an unsigned LEB128 number and the offset behind it. */
function readLeb(bytes: Uint8Array, offset: number): [value: number, next: number] {
  let value = 0;
  for (let scale = 1, next = offset; ; scale *= 128) {
    const byte = bytes[next++];
    if (byte === undefined) throw new RangeError('the WebAssembly module ends inside a number');
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return [value, next];
  }
}

function writeLeb(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 128) | 0x80, ...writeLeb(Math.floor(value / 128))];
}
