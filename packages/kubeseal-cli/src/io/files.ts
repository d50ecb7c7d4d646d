import { accessSync, constants, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { fileError } from '@fuin/flags/errno';

/** Whether a name means stdin or stdout, as for kubectl. */
export function isStream(name: string): boolean {
  return name === '-';
}

/**
 * Reads a whole file.
 *
 * @param flag that names it, for a hint
 * @throws ERR_USAGE `open <name>: no such file or directory`, in Go's words
 */
export async function readInput(cwd: string, name: string, flag?: string): Promise<Uint8Array> {
  try {
    return readFileSync(resolve(cwd, name)); // one file at start-up: the promise API would only cost time
  } catch (error) {
    throw withFlag(fileError(error, 'open', name), flag);
  }
}

/** Whether bytes are a DER sequence, as keys and certificates are without PEM around them. */
export function isDer(bytes: Uint8Array): boolean {
  return bytes[0] === 0x30 && (bytes[1] ?? 0) > 0x80;
}

/** Adds a hint that names the flag of the file. The message stays the one that people grep for. */
function withFlag(error: Error, flag: string | undefined): Error {
  if (flag === undefined || !(error instanceof SealedSecretsError)) return error;
  return error.withHint(`this is the file that --${flag} names`);
}

/**
 * Checks that a file can be opened, without reading: it may be a pipe.
 *
 * @throws ERR_USAGE in Go's words
 */
export function checkReadable(cwd: string, name: string): void {
  try {
    accessSync(resolve(cwd, name), constants.R_OK);
  } catch (error) {
    throw fileError(error, 'open', name);
  }
}
