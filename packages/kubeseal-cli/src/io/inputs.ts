import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { fileError } from '@fuin/flags/errno';
import { isStream, readInput } from './files.ts';
import type { Io } from './io.ts';

/** Input bytes and how messages call them. */
export interface Input {
  readonly bytes: Uint8Array;
  readonly where: string;
}

/** Reads the input of a mode that has one: the first name, else stdin. */
export async function readFirstInput(
  [name = '-']: readonly string[],
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<Input> {
  if (isStream(name)) return { bytes: await io.stdin.read(), where: 'stdin' };
  return { bytes: await readInput(io.cwd, name), where: name };
}

/** Reads every input of a mode that takes many; stdin where none is named. */
export async function readAllInputs(
  names: readonly string[],
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<Input[]> {
  const read: Input[] = [];
  for (const name of names.length > 0 ? names : ['-']) read.push(await readFirstInput([name], io));
  return read;
}

/** Reads an input of any size, piece by piece. @throws ERR_USAGE where the file cannot be read */
export async function* readChunks(name: string, io: Pick<Io, 'cwd' | 'stdin'>): AsyncGenerator<Uint8Array> {
  if (isStream(name)) {
    if (io.stdin.chunks) yield* io.stdin.chunks();
    else yield await io.stdin.read();
    return;
  }
  try {
    yield* createReadStream(resolve(io.cwd, name));
  } catch (error) {
    throw fileError(error, 'open', name);
  }
}
