import { accessSync, closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core/errors';
import { fileError } from '@fuin/flags/errno';
import { readStream } from './bounded.ts';

/** Whether a name means stdin or stdout, as for kubectl. */
export function isStream(name: string): boolean {
  return name === '-';
}

/**
 * Reads a whole file.
 *
 * @param flag that names it, for a hint
 * @throws ERR_USAGE `open <name>: no such file or directory`, in Go's words; for a pipe or a device with more
 *   than 64 MiB
 */
export async function readInput(cwd: string, name: string, flag?: string): Promise<Uint8Array> {
  try {
    return readWhole(resolve(cwd, name), name); // one file at start-up: the promise API would only cost time
  } catch (error) {
    throw withFlag(error instanceof SealedSecretsError ? error : fileError(error, 'open', name), flag);
  }
}

/**
 * Reads a whole file of an absolute path, or a pipe or a device up to 64 MiB.
 *
 * @param name for messages
 * @throws ERR_USAGE, and what the system says
 */
export function readWhole(path: string, name: string): Uint8Array {
  const file = openSync(path, 'r');
  try {
    return isEndless(file) ? readStream(name, (into) => readSync(file, into)) : readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** Whether nobody knows the size of an open file: it is a pipe, a socket or a device. */
export function isEndless(file: number): boolean {
  const stats = fstatSync(file);
  return !stats.isFile() && !stats.isDirectory();
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
