import { describe, expect, it } from 'vitest';
import { MAX_LINE_BYTES } from './chain.ts';
import { splitLines } from './split-lines.ts';

async function* repeated(piece: string, times: number, end = ''): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(piece);
  for (let count = 0; count < times; count += 1) yield bytes;
  yield Buffer.from(end);
}

async function linesOf(chunks: AsyncIterable<Uint8Array>) {
  const lines = [];
  for await (const line of splitLines(chunks)) lines.push(line);
  return lines;
}

describe('splitLines', () => {
  it('puts lines together, however they are cut, and says whether the last one has its end', async () => {
    expect(await linesOf(repeated('ab', 2, 'c\n\nd'))).toEqual([
      { text: 'ababc', bytes: 5, isEnded: true },
      { text: '', bytes: 0, isEnded: true },
      { text: 'd', bytes: 1, isEnded: false },
    ]);
    expect(await linesOf(repeated('', 1))).toEqual([]);
  });
  it('keeps every byte as it is', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at).filter((byte) => byte !== 10);
    const [line] = await linesOf(
      (async function* () {
        yield bytes;
      })(),
    );
    expect(Buffer.from(line?.text ?? '', 'latin1')).toEqual(Buffer.from(bytes));
  });
  it('counts a line that is too long, keeps nothing of it, and goes on behind it', async () => {
    const [long, next] = await linesOf(repeated('x'.repeat(65_536), 1_000, '\nafter\n'));
    expect(long).toEqual({ text: undefined, bytes: 65_536_000, isEnded: true });
    expect(next).toEqual({ text: 'after', bytes: 5, isEnded: true });
    const [full] = await linesOf(repeated('x'.repeat(MAX_LINE_BYTES), 1));
    expect(full?.text?.length).toBe(MAX_LINE_BYTES);
  });
});
