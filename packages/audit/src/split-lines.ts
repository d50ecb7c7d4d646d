import { MAX_LINE_BYTES } from './chain.ts';

/** One line of a file, without its line end. */
export interface RawLine {
  /** Its bytes as Latin-1; undefined if it is longer than any line of a log. */
  readonly text: string | undefined;
  readonly bytes: number;
  /** False for a last line without a line end. */
  readonly isEnded: boolean;
}

const NEWLINE = 0x0a;

/** Splits bytes into lines. However long a line is, no more than one of usual length is kept in memory. */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RawLine> {
  let parts: Buffer[] = [];
  let bytes = 0;
  const take = (part: Uint8Array) => {
    bytes += part.length;
    if (bytes <= MAX_LINE_BYTES)
      parts.push(Buffer.from(part)); // a copy: the chunk may be used again
    else parts = [];
  };
  const line = (isEnded: boolean): RawLine => {
    const isKept = bytes <= MAX_LINE_BYTES;
    const ended = { text: isKept ? Buffer.concat(parts).toString('latin1') : undefined, bytes, isEnded };
    [parts, bytes] = [[], 0];
    return ended;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      take(chunk.subarray(start, end));
      yield line(true);
      start = end + 1;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  if (bytes > 0) yield line(false);
}
