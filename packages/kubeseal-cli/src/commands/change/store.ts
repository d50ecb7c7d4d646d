import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TreeFile } from '../../input/tree/tree.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite, writeNew } from '../../output/atomic-write.ts';

/** What came of a file. */
interface Result {
  /** The file to write: the file itself, or another one. */
  readonly to: string;
  readonly content: Uint8Array;
  readonly isChanged: boolean;
}

/** Writes what came of a file: to stdout, to another file, or over it if it changed. @throws ERR_USAGE */
export async function store(
  input: TreeFile,
  { to, content, isChanged }: Result,
  io: Pick<Io, 'cwd' | 'stdout'>,
): Promise<void> {
  if (input.isStdin) await io.stdout.write(content);
  else if (to !== input.where) await writeNew(io.cwd, to, content);
  else if (isChanged) await atomicWrite(io.cwd, to, content);
}

/** What a file holds now; nothing where there is none. */
export function contentOf(file: string, cwd: string): Uint8Array {
  const path = resolve(cwd, file);
  return existsSync(path) ? readFileSync(path) : new Uint8Array();
}
