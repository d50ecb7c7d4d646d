import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  compileProgram,
  generateVectors,
  goVersion,
  hasGoModules,
  type ProgramRecord,
  recordOf,
} from '../build.ts';
import { vectorsFile } from '../vectors.ts';

async function unpack(file: URL): Promise<Buffer> {
  return brotliDecompressSync(await readFile(file));
}

const recordText = await readFile(new URL('./go-template.wasm.json', import.meta.url), 'utf8');
const record: ProgramRecord = JSON.parse(recordText);

/** Why the program can not be rebuilt here, or undefined when it can. */
function reasonToSkip(): string | undefined {
  const version = goVersion();
  if (version === undefined) return 'go is not installed';
  if (version !== record.goVersion) return `go is ${version}, the program was built with ${record.goVersion}`;
  return hasGoModules() ? undefined : 'the modules of go/ can not be downloaded';
}

describe('the compiled program', () => {
  it('has the recorded hash and size', async () => {
    expect(
      recordOf(await unpack(new URL('./go-template.wasm.br', import.meta.url)), record.goVersion),
    ).toEqual(record);
  });

  it('comes out the same when it is rebuilt from go/', ({ skip }) => {
    const reason = reasonToSkip();
    if (reason !== undefined) skip(reason);
    expect(recordOf(compileProgram(), record.goVersion)).toEqual(record);
  });

  it('is compared with vectors that native Go still gives', async ({ skip }) => {
    const reason =
      reasonToSkip() ?? (process.env['CI'] ? undefined : 'takes half a minute; set CI=1 to run it');
    if (reason !== undefined) skip(reason);
    const hasChanged = generateVectors() !== (await unpack(vectorsFile)).toString('utf8');
    expect(hasChanged).toBe(false);
  });
});
