import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileProgram, generateVectors, recordOf } from '../../packages/go-template/build.ts';
import { vectorsFile } from '../../packages/go-template/vectors.ts';
import { PROGRAM_RECORD } from '../support/tools/template-engine.ts';

const { goVersion } = PROGRAM_RECORD;

describe('the template engine', () => {
  it('comes out the same, byte for byte, when the recorded Go rebuilds it from its source', () => {
    expect(recordOf(compileProgram(goVersion), goVersion)).toEqual(PROGRAM_RECORD);
  });

  it('is compared with vectors that native Go still gives', () => {
    const isSame = generateVectors(goVersion) === brotliDecompressSync(readFileSync(vectorsFile)).toString();
    expect(isSame).toBe(true);
  });
});
