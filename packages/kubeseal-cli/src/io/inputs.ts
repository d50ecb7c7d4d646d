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
