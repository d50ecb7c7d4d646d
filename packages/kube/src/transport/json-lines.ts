const NEWLINE = 0x0a;

/**
 * Splits a stream of bytes into lines without their newline; a chunk may end anywhere, also inside a
 * character. The last line needs no newline. Throws a RangeError when a line is longer than `maxBytes`.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      const line = join(pending, chunk.subarray(start, end));
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.length > 0) yield line;
    }
    if (start === chunk.length) continue;
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maxBytes) throw new RangeError(`a line is longer than ${maxBytes} bytes`);
  }
  const rest = join(pending, new Uint8Array(0));
  if (rest.length > 0) yield rest;
}

function join(parts: readonly Uint8Array[], last: Uint8Array): string {
  const whole = parts.length === 0 ? last : Buffer.concat([...parts, last]);
  return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString('utf8').trim();
}
