import { describe, expect, it } from 'vitest';
import { splitLines } from './json-lines.ts';

async function split(chunks: readonly Uint8Array[], maxBytes = 1_000): Promise<string[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of splitLines(stream(), maxBytes)) lines.push(line);
  return lines;
}

describe('splitLines', () => {
  const text = '{"a":"ü€😀"}\n{"b":2}\r\n\n{"c":3}';
  const bytes = new TextEncoder().encode(text);
  const lines = ['{"a":"ü€😀"}', '{"b":2}', '{"c":3}'];

  it('finds the same lines wherever the chunks end, inside characters too', async () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await split([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(lines);
    }
    expect(await split(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))).toEqual(lines);
  });

  it('refuses a line longer than the limit', async () => {
    await expect(split([new Uint8Array(600).fill(120), new Uint8Array(600).fill(120)])).rejects.toThrow(
      RangeError,
    );
  });
});
