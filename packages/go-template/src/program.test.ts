import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { type ProgramRecord, recordOf } from '../build.ts';

it('the compiled program has the recorded hash and size', async () => {
  const record: ProgramRecord = JSON.parse(
    await readFile(new URL('./go-template.wasm.json', import.meta.url), 'utf8'),
  );
  const program = brotliDecompressSync(await readFile(new URL('./go-template.wasm.br', import.meta.url)));
  expect(recordOf(program, record.goVersion)).toEqual(record);
});
