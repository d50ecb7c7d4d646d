import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MODULE = join(import.meta.dirname, 'codesign');
const PROGRAM = join(import.meta.dirname, '.cache', 'codesign');

/**
 * Builds the program that signs; Go itself knows whether it is out of date. Needs Go and its module proxy.
 */
export async function buildSigner(): Promise<string> {
  const env = { ...process.env, CGO_ENABLED: '0' };
  const build = ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', PROGRAM, '.'];
  await run('go', build, { cwd: MODULE, env });
  return PROGRAM;
}

/**
 * Signs an executable for macOS ad hoc, in place; the same bytes each time. Needs Go, and no macOS
 * (docs/adr/0025-release-tools.md).
 *
 * @param identifier what the signature calls the program
 */
export async function signForMacos(file: string, identifier: string): Promise<void> {
  await run(await buildSigner(), [file, identifier]);
}
