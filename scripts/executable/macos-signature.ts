import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildGoProgram } from '../go-tool.ts';

const MODULE = join(import.meta.dirname, 'codesign');
const PROGRAM = join(import.meta.dirname, '.cache', 'codesign');

/** Builds the program that signs. Needs Go and, the first time, its module proxy. */
export async function buildSigner(): Promise<string> {
  await buildGoProgram(MODULE, PROGRAM);
  return PROGRAM;
}

/**
 * Signs an executable for macOS ad hoc, in place; the same bytes each time. Needs Go, and no macOS
 * (docs/adr/0025-release-tools.md).
 *
 * @param identifier what the signature calls the program
 */
export async function signForMacos(file: string, identifier: string): Promise<void> {
  await promisify(execFile)(await buildSigner(), [file, identifier]);
}
