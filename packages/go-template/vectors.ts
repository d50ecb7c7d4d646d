/**
 * Regenerates vectors/golden.jsonl.br with the program in go/golden: `node packages/go-template/vectors.ts`.
 * Needs Go. The cases depend on nothing but that program, so the same Go version gives the same lines.
 */
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { generateVectors } from './build.ts';

/** Where the vectors are: brotli over UTF-8 JSON lines. */
export const vectorsFile = new URL('./vectors/golden.jsonl.br', import.meta.url);

function write(): void {
  const lines = generateVectors();
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };
  writeFileSync(vectorsFile, brotliCompressSync(lines, { params }));
}

if (import.meta.main) write();
