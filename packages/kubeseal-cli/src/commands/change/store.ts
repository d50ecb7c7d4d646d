import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import type { TreeFile } from '../../input/tree/tree.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite, type Renames, writeNew } from '../../output/atomic-write.ts';

/** What came of a file. */
interface Result {
  /** The file to write: the file itself, or another one. */
  readonly to: string;
  readonly content: Uint8Array;
  readonly isChanged: boolean;
  /** Gets to know the file if it is replaced. */
  readonly renames?: Renames;
}

/**
 * Writes what came of a file: to stdout, to another file, or over it if it changed.
 *
 * @throws ERR_USAGE; ERR_CONFLICT where something else wrote the file since it was read
 */
export async function store(
  input: TreeFile,
  { to, content, isChanged, renames }: Result,
  io: Pick<Io, 'cwd' | 'stdout'>,
): Promise<void> {
  if (input.isStdin) await io.stdout.write(content);
  else if (to !== input.where) await writeNew(io.cwd, to, content, renames);
  else if (isChanged) {
    refuseOverwriting(input, io.cwd);
    await atomicWrite(io.cwd, to, content, renames);
  }
}

/** A controller takes its time for a whole tree, and people edit meanwhile. A pipe is not read again. */
function refuseOverwriting({ where, bytes }: TreeFile, cwd: string): void {
  const path = resolve(cwd, where);
  const now = statSync(path, { throwIfNoEntry: false });
  if (now && (!now.isFile() || Buffer.compare(readFileSync(path), bytes) === 0)) return;
  throw new SealedSecretsError('ERR_CONFLICT', `${where} was changed meanwhile; it stays as it is`, {
    hint: 'run the command again',
  });
}

/** What a file holds now; nothing where there is none. */
export function contentOf(file: string, cwd: string): Uint8Array {
  const path = resolve(cwd, file);
  return existsSync(path) ? readFileSync(path) : new Uint8Array();
}
